"""Ports, connections and a site to try a listener with, in memory."""

from __future__ import annotations

from typing import Any

from attrs import frozen
from twisted.internet.defer import Deferred, succeed
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import (
    IAddress,
    IProtocolFactory,
    IStreamServerEndpoint,
)
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.web.resource import Resource
from zope.interface import implementer

from devlxd.web.bounds import Bounds
from devlxd.web.dialects import Plain
from devlxd.web.interfaces import IDoor
from devlxd.web.site import Site


@implementer(IDoor)
@frozen
class OpenDoor:
    """Lets everybody in."""

    def enter(self, transport: object) -> object:
        """Nobody in particular."""
        return None

    def leave(self, visitor: object) -> None:
        """No matter."""


class Page(Resource):
    """Is empty, whoever asks."""

    isLeaf = True

    def render(self, request: object) -> bytes:
        """Nothing."""
        return b""


class Connection(StringTransport):
    """
    A connection in memory.

    :ivar open: until either side closes it.
    """

    protocol: Any
    open = True

    def loseConnection(self) -> None:
        """Close it."""
        if self.open:
            self.open = False
            self.protocol.connectionLost(Failure(ConnectionDone()))

    def abortConnection(self) -> None:
        """Close it."""
        self.loseConnection()


@frozen
class Port:
    """
    A port in memory.

    :ivar closed: how its closing ends.
    """

    address: IAddress
    closed: Deferred[None]

    def getHost(self) -> IAddress:
        """Where it listens."""
        return self.address

    def stopListening(self) -> Deferred[None]:
        """Close it."""
        return self.closed


@implementer(IStreamServerEndpoint)
@frozen
class Endpoint:
    """Listens as it is told to."""

    port: Deferred[Any]

    def listen(self, protocolFactory: IProtocolFactory) -> Deferred[Any]:
        """What it was told."""
        return self.port


def at(address: IAddress) -> Endpoint:
    """An endpoint that listens there, without ado."""
    return Endpoint(succeed(Port(address, succeed(None))))


def site(clock: Any) -> Site:
    """A site whose every path is an empty page."""
    return Site(Page(), OpenDoor(), Plain(), Bounds(), clock)
