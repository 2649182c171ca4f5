"""
Events on a plain HTTP connection, one line each.

After LXD's own head, whose lines end with a bare newline, come the events for as long
as both sides want.  A byte from the peer, or the end of what it sends, ends it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from devlxd.events.sink import ISink
from devlxd.events.subscription import Subscription

HEAD = (
    b"HTTP/1.1 200 OK\n"
    b"Connection: keep-alive\n"
    b"Content-Type: application/json\n"
    b"X-Content-Type-Options: nosniff\n"
    b"\n"
)


@implementer(ISink, IHalfCloseableProtocol)
class EventStream(Protocol):
    """One subscriber that reads lines."""

    transport: Any

    def __init__(self, subscription: Subscription) -> None:
        self._subscription = subscription

    def connectionMade(self) -> None:
        """Send the head, and begin."""
        self.transport.write(HEAD)
        self.transport.registerProducer(self._subscription, True)
        self._subscription.open(self)

    def dataReceived(self, data: bytes) -> None:
        """The peer wants no more."""
        self.transport.loseConnection()

    def readConnectionLost(self) -> None:
        """The peer wants no more."""
        self.transport.loseConnection()

    def writeConnectionLost(self) -> None:
        """We never close this side alone."""

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The peer is gone."""
        self._subscription.stopProducing()

    def writer(self) -> Callable[[bytes], None]:
        """A line is written as it is."""
        write: Callable[[bytes], None] = self.transport.write
        return write

    def close(self, reason: str) -> None:
        """End; there is no place for the reason in this form."""
        self.transport.loseConnection()
