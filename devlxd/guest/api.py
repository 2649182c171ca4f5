"""The guest API, put together."""

from __future__ import annotations

from collections.abc import Callable

from twisted.web.resource import Resource

from devlxd.events.feed import Feed
from devlxd.guest import about, config, devices, events, images, metadata
from devlxd.guest.admission import Guest, GuestAdmission
from devlxd.guest.compat import Compat
from devlxd.guest.documents import Library
from devlxd.guest.servers import LXD_6
from devlxd.interfaces import IImages, IInstances
from devlxd.model.names import ImageName, InstanceName
from devlxd.web.interfaces import IDialect
from devlxd.web.routes import Routes
from devlxd.web.surface import Surface

_RESOURCES = (about, config, devices, events, images, metadata)


def routes() -> Routes[Guest]:
    """All routes: `docs/openapi/guest.yaml` has each of them."""
    return Routes([route for resource in _RESOURCES for route in resource.routes])


def _nobody(_: object) -> None:
    """Nobody wants to know."""


def guest_api(
    instances: IInstances,
    kept: IImages,
    feed: Feed,
    dialect: IDialect,
    location: str,
    readied: Callable[[InstanceName], object] = _nobody,
    retrieved: Callable[[ImageName], object] = _nobody,
    compat: Compat = LXD_6,
) -> Resource:
    """
    Everything that a guest may ask, for a `devlxd.web.site.Site` whose door is a
    `devlxd.guest.door.Door`.

    :param kept: the host's images.
    :param location: the host's name.
    :param readied: called whenever an instance has said that it is ready, be it once
        more: no change of its data tells that.
    :param retrieved: called whenever an instance fetches an image.
    :param compat: whom it is to answer like.
    """
    library = Library(compat, location)
    instances.observe(library.forget)
    instances.observe(feed.announce)
    admission = GuestAdmission(
        compat, instances, kept, library, feed, readied, retrieved
    )
    surface: Surface[Guest] = Surface(dialect, admission, compat.routing)
    surface.add(routes())
    return surface.resource()
