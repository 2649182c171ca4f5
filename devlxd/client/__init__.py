"""
For programs in a guest: ask ``/dev/lxd/sock``.

The failures of a `GuestClient` are in `devlxd.client.failures` and `devlxd.errors`.
"""

from devlxd.client.documents import Info, StorageDriver
from devlxd.client.guest import GuestClient

__all__ = ["GuestClient", "Info", "StorageDriver"]
