"""The guest API, put together."""

from __future__ import annotations

from collections.abc import Callable

from twisted.web.resource import Resource

from devlxd.events.feed import Feed
from devlxd.guest import about, config, devices, events, metadata
from devlxd.guest.admission import Guest, GuestAdmission
from devlxd.guest.documents import Library
from devlxd.interfaces import IInstances
from devlxd.model.names import InstanceName
from devlxd.web.interfaces import IDialect
from devlxd.web.routes import Routes
from devlxd.web.surface import Surface

_RESOURCES = (about, config, devices, events, metadata)


def routes() -> Routes[Guest]:
    """All routes: `docs/openapi/guest.yaml` has each of them."""
    return Routes([route for resource in _RESOURCES for route in resource.routes])


def _nobody(_: InstanceName) -> None:
    """Nobody wants to know."""


def guest_api(
    instances: IInstances,
    feed: Feed,
    dialect: IDialect,
    location: str,
    readied: Callable[[InstanceName], object] = _nobody,
) -> Resource:
    """
    Everything that a guest may ask, for a `devlxd.web.site.Site` whose door is a
    `devlxd.guest.door.Door`.

    :param location: the host's name.
    :param readied: called whenever an instance has said that it is ready, be it once
        more: no change of its data tells that.
    """
    library = Library(location)
    instances.observe(library.forget)
    instances.observe(feed.announce)
    admission = GuestAdmission(instances, library, feed, readied)
    surface: Surface[Guest] = Surface(dialect, admission)
    surface.add(routes())
    return surface.resource()
