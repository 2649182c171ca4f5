"""
Connections of any kind of stream socket that the kernel has.

Twisted connects by TCP and through UNIX sockets, and so to no `AF_VSOCK`, vsock(7), by
which a virtual machine reaches its host without a network.
"""

from __future__ import annotations

import os
import socket
from errno import EINPROGRESS, ETIMEDOUT
from typing import Any, NoReturn

from attrs import frozen
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import (
    IProtocol,
    IProtocolFactory,
    IStreamClientEndpoint,
    IWriteDescriptor,
)
from twisted.internet.tcp import Connection
from twisted.python.failure import Failure
from zope.interface import implementer

__all__ = ["StreamEndpoint"]


class _Stream(Connection):
    """A connection that is there."""

    def __init__(
        self, connected: socket.socket, protocol: IProtocol, reactor: Any
    ) -> None:
        super().__init__(connected, protocol, reactor)
        self.connected = True
        self.startReading()


@implementer(IWriteDescriptor)
class _Waiting:
    """
    Waits for a socket to be connected, or not to be.

    :ivar over: fires when either is so, and waits no more when it is cancelled.
    """

    def __init__(self, connecting: socket.socket, reactor: Any) -> None:
        self._connecting = connecting
        self.over: Deferred[None] = Deferred(lambda _: reactor.removeWriter(self))
        self._reactor = reactor
        reactor.addWriter(self)

    def fileno(self) -> int:
        """Of the socket."""
        return self._connecting.fileno()

    def doWrite(self) -> None:
        """The kernel has a result."""
        self._reactor.removeWriter(self)
        self.over.callback(None)

    def connectionLost(self, reason: Failure) -> None:
        """It has one that is none to be glad of."""
        self.doWrite()

    def logPrefix(self) -> str:
        """What it is called in a log."""
        return "connecting"


@implementer(IStreamClientEndpoint)
@frozen
class StreamEndpoint:
    """
    Connects to an address of any family, and fails with `OSError`.

    :ivar reactor: also provides `IReactorFDSet`.
    :ivar family: such as `socket.AF_VSOCK`.
    :ivar address: as `socket.socket.connect` takes it.
    :ivar timeout: seconds to wait for the connection.
    """

    reactor: Any
    family: int
    address: Any
    timeout: float

    def connect(self, factory: IProtocolFactory) -> Deferred[IProtocol]:
        """Connect; see `IStreamClientEndpoint.connect`."""
        return Deferred.fromCoroutine(self._connect(factory))

    async def _connect(self, factory: IProtocolFactory) -> IProtocol:
        made = socket.socket(self.family, socket.SOCK_STREAM)
        try:
            made.setblocking(False)
            await self._connected(made)
            protocol = factory.buildProtocol(None)  # type: ignore[arg-type]
            assert protocol is not None
        except BaseException:
            made.close()
            raise
        protocol.makeConnection(_Stream(made, protocol, self.reactor))
        return protocol

    async def _connected(self, made: socket.socket) -> None:
        error = made.connect_ex(self.address)
        if error == EINPROGRESS:
            waiting = _Waiting(made, self.reactor)
            await waiting.over.addTimeout(self.timeout, self.reactor, _too_late)
            error = made.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            raise OSError(error, os.strerror(error))


def _too_late(_: object, timeout: float) -> NoReturn:
    raise OSError(ETIMEDOUT, os.strerror(ETIMEDOUT))
