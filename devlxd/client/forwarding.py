"""Bytes from one connection to another and back."""

from __future__ import annotations

from select import POLLHUP, poll
from typing import Any

from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

__all__ = ["End", "join"]


@implementer(IHalfCloseableProtocol)
class End(Protocol):
    """
    One of two connections that are joined.

    What comes here goes out there.  Nothing is read here that would have to wait there,
    and when nothing more comes here, nothing more is sent there.
    """

    transport: Any

    def __init__(self) -> None:
        self._over = False
        # Until it is joined to another one.
        self.other = self

    def dataReceived(self, data: bytes) -> None:
        """Pass it on."""
        self.other.transport.write(data)

    def readConnectionLost(self) -> None:
        """Nothing more comes; there may be something to send yet."""
        self._over = True
        if self.other._over or self._is_closed():
            self.close()
            self.other.close()
        else:
            self.other.transport.unregisterProducer()
            self.other.transport.loseWriteConnection()

    def writeConnectionLost(self) -> None:
        """Nothing more is sent, because nothing more comes there."""

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """It has ended, so the other one ends."""
        self.other.close()

    def close(self) -> None:
        """End it, when all has been sent that came there."""
        self.transport.unregisterProducer()
        self.transport.loseConnection()

    def _is_closed(self) -> bool:
        """
        Whether the peer takes nothing any more, either.  Somebody who listens to events
        would otherwise be thought to do so until the next one.
        """
        polling = poll()
        polling.register(self.transport.getHandle(), 0)
        return any(event & POLLHUP for _, event in polling.poll(0))


def join(near: End, far: End) -> None:
    """Let each of two connections have what comes from the other one."""
    near.other, far.other = far, near
    near.transport.registerProducer(far.transport, True)
    far.transport.registerProducer(near.transport, True)
