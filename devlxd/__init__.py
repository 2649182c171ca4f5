"""
devlxd tells every instance on a host about itself, over one UNIX socket.

`devlxd.client` is for programs in guests; the service is ``twistd devlxd``.
"""

__version__ = "0.1.0"
