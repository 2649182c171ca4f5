"""Who is at the other end of a connection, found out once, when it is made."""

from __future__ import annotations

from attrs import define, evolve, field, frozen
from twisted.internet.interfaces import ITransport
from zope.interface import implementer

from devlxd.errors import (
    NoSuchInstance,
    NotInContainer,
    NotRoot,
    Refusal,
    TooManyConnections,
)
from devlxd.identity.credentials import peer_of
from devlxd.interfaces import IInstances, ILocator
from devlxd.model.names import InstanceName
from devlxd.model.renewal import UUID
from devlxd.web.interfaces import IDoor


@frozen(cache_hash=True)
class Visitor:
    """
    Who is at the other end of a connection.

    :ivar name: its instance; ``None`` when it is in no known one.
    :ivar refusal: what each of its requests is answered, when it may ask nothing.
    :ivar uuid: that of its instance, which tells it from a later one of the same name.
    """

    name: InstanceName | None
    refusal: type[Refusal] | None = None
    uuid: str | None = None

    def instance(self) -> InstanceName:
        """
        The name of the instance that it speaks for.

        :raises Refusal: when it speaks for none.
        """
        if self.name is None or self.refusal is not None:
            # A new one each time: an exception that is raised again gathers the
            # frames of all its journeys.
            raise self.refusal or NotInContainer
        return self.name


@implementer(IDoor)
@define(eq=False)
class Door:
    """
    The guests' door.

    :ivar locator: tells the instance of a peer.
    :ivar instances: which there are.
    :ivar limit: how many connections the root of an instance may hold; its other users
        together may hold as many, as may all peers in no known instance.
    """

    _locator: ILocator
    _instances: IInstances
    _limit: int
    _open: dict[Visitor, int] = field(factory=dict)

    def by(self, locator: ILocator) -> Door:
        """
        A door where another locator tells who comes.  Whoever has come through either
        is counted by both.
        """
        return evolve(self, locator=locator)

    def enter(self, transport: ITransport) -> Visitor:
        """
        :raises TooManyConnections: when the instance holds its share already.
        """
        visitor = self._recognise(transport)
        held = self._open.get(visitor, 0)
        if held >= self._limit:
            raise TooManyConnections
        self._open[visitor] = held + 1
        return visitor

    def leave(self, visitor: object) -> None:
        """Let another one of that instance in."""
        if isinstance(visitor, Visitor):
            others = self._open.pop(visitor) - 1
            if others:
                self._open[visitor] = others

    def _recognise(self, transport: ITransport) -> Visitor:
        with peer_of(transport) as peer:
            try:
                located = self._locator.locate(peer)
            except NotInContainer:
                return Visitor(None)
            refusal = None if located.is_root(peer) else NotRoot
            return Visitor(located.name, refusal, self._uuid_of(located.name))

    def _uuid_of(self, name: InstanceName) -> str | None:
        try:
            return self._instances.get(name).instance.config.get(UUID)
        except NoSuchInstance:
            return None
