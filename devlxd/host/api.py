"""The host API, put together."""

from __future__ import annotations

from twisted.web.resource import Resource

from devlxd.host import events, profiles, server
from devlxd.host.admission import Caller, Host, HostAdmission
from devlxd.web.dialects import Envelope
from devlxd.web.surface import Surface

_RESOURCES = (events, profiles, server)


def host_api(host: Host) -> Resource:
    """
    Everything that an operator may ask, for a `devlxd.web.site.Site` whose door is a
    `devlxd.host.door.HostDoor`.
    """
    host.instances.observe(host.announcer.instance)
    host.profiles.observe(host.announcer.profile)
    host.operations.observe(host.announcer.operation)
    surface: Surface[Caller] = Surface(Envelope(), HostAdmission(host))
    for resource in _RESOURCES:
        surface.add(resource.routes)
    return surface.resource()
