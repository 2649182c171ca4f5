"""How guests are told of events, where LXD's releases, and Incus, differ."""

from __future__ import annotations

from attrs import frozen

from devlxd.model.event import Event
from devlxd.model.visibility import SWITCH

_UPDATED = "updated"


@frozen
class Manner:
    """
    The manner of one server.

    :ivar switch: the key by which an instance is forbidden to use the guest API.
    :ivar tells_updates: whether a device that changed while it was in use is told of.
    :ivar takes_any_origin: whether a WebSocket may come from a page of another site.
    :ivar ping: the payload of a WebSocket's pings.
    """

    switch: str = SWITCH
    tells_updates: bool = False
    takes_any_origin: bool = False
    ping: bytes = b""

    def tells(self, event: Event) -> bool:
        """Whether an event is one that guests are told of."""
        return self.tells_updates or event.metadata.get("action") != _UPDATED
