"""Connections between a protocol and a socket in the same process."""

from __future__ import annotations

import socket
from typing import Any

from attrs import define, field
from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.protocol import Protocol, connectionDone
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from zope.interface import implementer

from devlxd.web.readiness import Readiness
from devlxd.web.transport import Transport


@define(eq=False)
class Watching:
    """
    A reactor that watches nothing by itself, and has a clock.

    :ivar readers: what it was told to watch.
    """

    readers: list[Any] = field(factory=list)
    clock: Clock = field(factory=Clock)

    def addReader(self, reader: Any) -> None:
        """Watch it."""
        self.readers.append(reader)

    def removeReader(self, reader: Any) -> None:
        """Watch it no more."""
        self.readers.remove(reader)

    def callLater(self, delay: float, call: Any, *args: Any) -> Any:
        """Call a function when it is time."""
        return self.clock.callLater(delay, call, *args)

    def go_on(self) -> None:
        """Let everything happen that can."""
        for _ in range(100):
            self.clock.advance(0)
            for reader in list(self.readers):
                reader.doRead()


@implementer(IHalfCloseableProtocol)
class Talk(Protocol):
    """
    A protocol that remembers what it was told.

    :ivar acts: what it does with what it is given.
    """

    transport: Any

    def __init__(self, acts: Any = None) -> None:
        self.said: list[object] = []
        self.acts = acts

    def dataReceived(self, data: bytes) -> None:
        """Bytes have come."""
        self.said.append(data)
        if self.acts is not None:
            self.acts(self.transport, data)

    def readConnectionLost(self) -> None:
        """No more will come."""
        self.said.append("no more")
        self.transport.loseConnection()

    def writeConnectionLost(self) -> None:
        """This never happens."""

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The connection has ended."""
        self.said.append(reason.type.__name__ if reason.type else None)


class Pair:
    """
    A protocol, and the socket at its other end.

    :param sent: what the socket has sent before the protocol has its connection.
    """

    def __init__(
        self, readiness: Readiness, acts: Any = None, sent: bytes = b""
    ) -> None:
        ours, self.peer = socket.socketpair()
        self.peer.setblocking(False)
        self.peer.sendall(sent)
        self.talk = Talk(acts)
        self.transport = Transport.of(
            readiness, ours, self.talk, "", None, 0, "no reactor"
        )
        self.talk.makeConnection(self.transport)
        self.transport.begin()

    def taken(self) -> bytes:
        """What the socket can read now; a closed one ends with ``.``."""
        data = b""
        try:
            while True:
                part = self.peer.recv(1 << 20)
                if not part:
                    return data + b"."
                data += part
        except BlockingIOError:
            return data
        except ConnectionResetError:
            return data + b"!"
