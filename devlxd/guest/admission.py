"""Whether a guest may ask, and what its routes know about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import define, frozen
from twisted.web.iweb import IRequest
from zope.interface import implementer

from devlxd.errors import Forbidden, NoSuchInstance, NotInContainer
from devlxd.events.feed import Feed
from devlxd.guest.compat import Compat
from devlxd.guest.documents import Documents, Library
from devlxd.guest.door import Visitor
from devlxd.interfaces import IImages, IInstances
from devlxd.model.expansion import Expanded
from devlxd.model.names import ImageName, InstanceName
from devlxd.model.renewal import UUID
from devlxd.web.interfaces import IAdmission


@frozen
class Guest:
    """
    The caller of a route: an instance that may use the guest API.

    :ivar compat: whom it is to be answered like.
    :ivar documents: what it may read.
    :ivar instances: where it is kept.
    :ivar images: those of the host.
    :ivar feed: where its events come from.
    :ivar readied: told whenever an instance has said that it is ready.
    :ivar retrieved: told whenever an instance fetches an image.
    """

    name: InstanceName
    compat: Compat
    documents: Documents
    instances: IInstances
    images: IImages
    feed: Feed
    readied: Callable[[InstanceName], object]
    retrieved: Callable[[ImageName], object]


@implementer(IAdmission)
@define(eq=False)
class GuestAdmission:
    """Admits the root of an instance that is not forbidden to use the guest API."""

    _compat: Compat
    _instances: IInstances
    _images: IImages
    _library: Library
    _feed: Feed
    _readied: Callable[[InstanceName], object]
    _retrieved: Callable[[ImageName], object]

    def identify(self, request: IRequest) -> None:
        """
        :raises Refusal: when the peer is in no known instance or not its root.
        """
        untyped: Any = request
        visitor: Visitor = untyped.channel.visitor
        visitor.instance()

    def admit(self, request: IRequest, path: str) -> Guest:
        """
        :raises Refusal: as `identify`; also when the instance may not use the API.
        """
        untyped: Any = request
        visitor: Visitor = untyped.channel.visitor
        name = visitor.instance()
        try:
            state = self._instances.get(name)
        except NoSuchInstance:
            # It was deleted while it runs; LXD has the same text for it.
            raise NotInContainer from None
        if state.instance.config.get(UUID) != visitor.uuid:
            # It was deleted, and another one has its name.
            raise NotInContainer
        if not (self._is_served(state) or path in self._compat.unguarded):
            raise Forbidden
        return Guest(
            name,
            self._compat,
            self._library.documents(state),
            self._instances,
            self._images,
            self._feed,
            self._readied,
            self._retrieved,
        )

    def _is_served(self, state: Expanded) -> bool:
        return self._compat.reading.is_served(state.config)
