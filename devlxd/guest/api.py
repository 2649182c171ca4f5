"""The guest API, put together."""

from __future__ import annotations

from twisted.web.resource import Resource

from devlxd.events.feed import Feed
from devlxd.guest import about, config, devices, events, metadata
from devlxd.guest.admission import Guest, GuestAdmission
from devlxd.guest.documents import Library
from devlxd.interfaces import IInstances
from devlxd.web.interfaces import IDialect
from devlxd.web.surface import Surface

_RESOURCES = (about, config, devices, events, metadata)


def guest_api(
    instances: IInstances, feed: Feed, dialect: IDialect, location: str
) -> Resource:
    """
    Everything that a guest may ask, for a `devlxd.web.site.Site` whose door is a
    `devlxd.guest.door.Door`.

    :param location: the host's name.
    """
    library = Library(location)
    instances.observe(library.forget)
    instances.observe(feed.announce)
    admission = GuestAdmission(instances, library, feed)
    surface: Surface[Guest] = Surface(dialect, admission)
    for resource in _RESOURCES:
        surface.add(resource.routes)
    return surface.resource()
