"""All connections of one surface."""

from __future__ import annotations

from typing import Any, Protocol

from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IAddress, IReactorTime
from twisted.internet.task import LoopingCall
from twisted.web import server
from twisted.web.http import Request as HTTPRequest
from twisted.web.resource import Resource

from devlxd.web.bounds import Bounds
from devlxd.web.channel import Channel
from devlxd.web.interfaces import IDialect, IDoor
from devlxd.web.request import Request

_CHECKS_A_SECOND = 4


class Acceptor(Protocol):
    """What a listening port is to a site that is full."""

    def pauseProducing(self) -> None: ...

    def resumeProducing(self) -> None: ...


class Site(server.Site):
    """
    Serves a surface.

    Nothing is written to an access log; one timer watches all connections.

    :param resource: the surface.
    :param door: who meets each connection.
    :param dialect: the form of answers that no route gives.
    """

    # HTTPFactory's own protocol also looks for HTTP/2, which needs TLS.
    protocol = Channel  # type: ignore[assignment]
    port: Acceptor | None = None

    def __init__(
        self,
        resource: Resource,
        door: IDoor,
        dialect: IDialect,
        bounds: Bounds,
        clock: IReactorTime,
    ) -> None:
        super().__init__(resource, requestFactory=Request, timeout=None, reactor=clock)
        self.dialect = dialect
        self.seconds = clock.seconds
        self._door = door
        self._bounds = bounds
        self._channels: set[Channel] = set()
        self._checking = LoopingCall(self._check)
        self._checking.clock = clock
        self._emptied: Deferred[None] | None = None

    def startFactory(self) -> None:
        """Begin to watch the time."""
        self._checking.start(1 / _CHECKS_A_SECOND, now=False)

    def stopFactory(self) -> None:
        """The port is closed.  Connections that are left are still watched."""
        if not self._channels:
            self._stop_checking()

    def buildProtocol(self, addr: IAddress | None) -> Any:
        """A channel for a new connection."""
        channel = super().buildProtocol(addr)
        channel.bounds = self._bounds
        return channel

    def log(self, request: HTTPRequest) -> None:
        """A line an answer would cost more than the answer."""

    def enter(self, channel: Channel) -> None:
        """
        Count a new connection and let the door meet it.

        :raises Refusal: when the door does not take it.
        """
        self._channels.add(channel)
        if self.port is not None and len(self._channels) >= self._bounds.connections:
            self.port.pauseProducing()
        channel.visitor = self._door.enter(channel.transport)

    def leave(self, channel: Channel) -> None:
        """Forget a connection that has ended."""
        if channel not in self._channels:
            return
        self._channels.remove(channel)
        if channel.visitor is not None:
            self._door.leave(channel.visitor)
        if (
            self.port is not None
            and len(self._channels) == self._bounds.connections - 1
        ):
            self.port.resumeProducing()
        if self._emptied is not None and not self._channels:
            self._stop_checking()
            emptied, self._emptied = self._emptied, None
            emptied.callback(None)

    def drain(self) -> Deferred[None]:
        """
        End all connections, each when it has its answer.

        :return: fires when there are none left.
        """
        self.port = None
        if not self._channels:
            return succeed(None)
        self._emptied = Deferred()
        waiting = self._emptied
        for channel in list(self._channels):
            channel.end()
        return waiting

    def abort(self) -> None:
        """End all connections now."""
        for channel in list(self._channels):
            channel.transport.abortConnection()

    def _check(self) -> None:
        now = self.seconds()
        for channel in list(self._channels):
            channel.check(now)

    def _stop_checking(self) -> None:
        if self._checking.running:
            self._checking.stop()
