"""
Attacks of guests on the running service, and on each other through it.

By hand they are run for as long as docs/security.md says: with ``DEVLXD_ATTACKS=50``
each lasts 50 times as long.
"""
