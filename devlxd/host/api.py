"""The host API, put together."""

from __future__ import annotations

from attrs import evolve
from twisted.web.resource import Resource

from devlxd.host import (
    events,
    imagealiases,
    images,
    instances,
    operationlist,
    profiles,
    projects,
    registering,
    server,
    snapshots,
    state,
    stubs,
)
from devlxd.host.admission import Caller, Host, HostAdmission
from devlxd.web.dialects import Envelope
from devlxd.web.routes import Routes
from devlxd.web.surface import Surface

_RESOURCES = (
    events,
    imagealiases,
    images,
    instances,
    operationlist,
    profiles,
    projects,
    registering,
    server,
    snapshots,
    state,
    stubs,
)

_INSTANCES, _CONTAINERS = "/1.0/instances", "/1.0/containers"


def routes() -> Routes[Caller]:
    """All routes: `docs/openapi/host.yaml` has each of them."""
    new = Routes([route for resource in _RESOURCES for route in resource.routes])
    return Routes([*new, *_by_old_name(new)])


def host_api(host: Host) -> Resource:
    """
    Everything that an operator may ask, for a `devlxd.web.site.Site` whose door is a
    `devlxd.host.door.HostDoor`, and whose intake is a
    `devlxd.host.imagesink.ImageIntake`.
    """
    host.instances.observe(host.announcer.instance)
    host.profiles.observe(host.announcer.profile)
    host.images.observe(host.announcer.image)
    host.aliases.observe(host.announcer.alias)
    host.operations.observe(host.announcer.operation)
    surface: Surface[Caller] = Surface(Envelope(), HostAdmission(host))
    surface.add(routes())
    return surface.resource()


def _by_old_name(routes: Routes[Caller]) -> Routes[Caller]:
    """Those about instances again, as clients from before there were others say it."""
    return Routes(
        [
            evolve(route, path=route.path.replace(_INSTANCES, _CONTAINERS, 1))
            for route in routes
            if route.path.startswith(_INSTANCES)
        ]
    )
