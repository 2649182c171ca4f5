"""
What an instance is and the rules about it: frozen values and pure functions.

Nothing here knows Twisted, a file, a socket or the time.
"""
