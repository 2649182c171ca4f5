"""
For programs in a guest: ask ``/dev/lxd/sock``.
"""
