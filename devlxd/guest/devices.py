"""``/1.0/devices``: the devices that an instance has."""

from __future__ import annotations

from twisted.web.iweb import IRequest

from devlxd.guest.admission import Guest
from devlxd.web.replies import JSON
from devlxd.web.routes import Routes

routes: Routes[Guest] = Routes()


@routes.get("/1.0/devices")
def devices(guest: Guest, request: IRequest) -> JSON:
    """The expanded devices by name, NICs with the MAC address that they have."""
    return guest.documents.devices
