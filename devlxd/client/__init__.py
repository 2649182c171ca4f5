"""
For programs in a guest: ask ``/dev/lxd/sock``.

The failures of a `GuestClient` are in `devlxd.client.failures` and `devlxd.errors`.
"""

from devlxd.client.documents import Info, StorageDriver
from devlxd.client.events import Event, Gap
from devlxd.client.guest import GuestClient
from devlxd.client.retrying import Backoff

__all__ = ["Backoff", "Event", "Gap", "GuestClient", "Info", "StorageDriver"]
