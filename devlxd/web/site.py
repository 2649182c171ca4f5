"""All connections of one surface."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IAddress, IReactorTime
from twisted.internet.task import LoopingCall
from twisted.internet.tcp import Port
from twisted.internet.unix import Port as UNIXPort
from twisted.logger import Logger
from twisted.web import server
from twisted.web.http import Request as HTTPRequest
from twisted.web.http import datetimeToString
from twisted.web.resource import Resource

from devlxd.errors import Refusal
from devlxd.web.bounds import Bounds
from devlxd.web.channel import Channel
from devlxd.web.entrance import Entrance, Host
from devlxd.web.interfaces import IDialect, IDoor, IIntake, ISink
from devlxd.web.readiness import Readiness
from devlxd.web.request import Request
from devlxd.web.table import NO_ROUTES, Table
from devlxd.web.transport import Transport
from devlxd.web.turns import Turns

_CHECKS_A_SECOND = 4
_SILENCE = 60.0  # seconds between two complaints of the same kind


class Site(server.Site):
    """
    Serves a surface.

    Nothing is written to an access log; one timer watches all connections.

    :param resource: the surface.
    :param door: who meets each connection.
    :param dialect: the form of answers that no route gives.
    :param intake: takes the bodies that are too large for the bounds.
    :ivar table: the routes of the surface for `devlxd.web.shortcut`.
    """

    # HTTPFactory's own protocol also looks for HTTP/2, which needs TLS.
    protocol = Channel  # type: ignore[assignment]

    _log = Logger()

    def __init__(
        self,
        resource: Resource,
        door: IDoor,
        dialect: IDialect,
        bounds: Bounds,
        clock: IReactorTime,
        intake: IIntake | None = None,
    ) -> None:
        super().__init__(resource, requestFactory=Request, timeout=None, reactor=clock)
        self.dialect = dialect
        self.seconds = clock.seconds
        self.turns = Turns(clock)
        self.table: Table[Any] = getattr(resource, "table", NO_ROUTES)
        self._second, self._date = 0, b""
        self._door = door
        self._intake = intake
        self._bounds = bounds
        self._channels: set[Channel] = set()
        self._checking = LoopingCall(self._check)
        self._checking.clock = clock
        self._emptied: Deferred[None] | None = None
        self._port: Any = None
        self._readiness: Readiness | None = None
        self._held: set[Any] = set()
        self._drains = False
        self._silent_until: dict[str, float] = {}

    @property
    def port(self) -> Any:
        """What listens for us, if it is known: it is held when we are full."""
        return self._port

    @port.setter
    def port(self, port: Any) -> None:
        self._port = port
        if isinstance(port, Port):
            self.furnish(port, self)

    def furnish(self, port: Port, host: Host) -> None:
        """
        Give a port our own entrance and our own kind of connections.

        :param host: who is behind the entrance.
        """
        untyped: Any = port
        untyped.socket = Entrance(untyped.socket, host)
        if isinstance(port, UNIXPort):
            if self._readiness is None:
                self._readiness = Readiness(untyped.reactor)
            untyped.transport = partial(Transport.of, self._readiness)

    def startFactory(self) -> None:
        """Let connections in, and begin to watch the time."""
        self._drains = False
        self._checking.start(1 / _CHECKS_A_SECOND, now=False)

    def stopFactory(self) -> None:
        """The port is closed.  Connections that are left are still watched."""
        self._stop_checking()

    def buildProtocol(self, addr: IAddress | None) -> Any:
        """A channel for a new connection."""
        channel = super().buildProtocol(addr)
        channel.bounds = self._bounds
        channel.door = self._door
        return channel

    def date(self) -> bytes:
        """The present time, as ``Date`` has it."""
        second = int(self.seconds())
        if second != self._second or not self._date:
            self._second, self._date = second, datetimeToString(second)
        return self._date

    def log(self, request: HTTPRequest) -> None:
        """A line an answer would cost more than the answer."""

    def is_full(self) -> bool:
        """
        Whether there are as many connections as there may be.  Ports beyond the first
        are open files, too, and each of them is in the place of one.
        """
        others = max(self.numPorts - 1, 0)
        full = len(self._channels) + others >= self._bounds.connections
        return full or self._drains

    def hold(self, port: Any) -> None:
        """Have a port accept nobody until there is room, or until the next check."""
        if port not in self._held:
            self._held.add(port)
            port.pauseProducing()

    def cannot_accept(self, port: Any = None) -> None:
        """
        Hold a port until the next check: the system is out of something.

        :param port: our own unless it is another one.
        """
        self._hold() if port is None else self.hold(port)
        if self._may_complain("accept"):
            self._log.warn("No file descriptor is left: connections have to wait")

    def cannot_send(self, error: OSError) -> None:
        """A file could not be sent to its end.  Any peer can ask for it again."""
        if self._may_complain("send"):
            self._log.error("A file could not be sent: {error}", error=error)

    def enter(self, channel: Channel) -> None:
        """
        Count a new connection and let the door meet it.

        :raises Refusal: when the door does not take it.
        """
        self._channels.add(channel)
        if self.is_full():
            self._hold()
        try:
            channel.visitor = channel.door.enter(channel.transport)
        except Refusal:
            raise
        except Exception as error:
            self._log.failure("The door has failed")
            raise Refusal from error

    def sink_for(self, request: Request) -> ISink | None:
        """
        Where the body of a request goes, if not into memory.

        :raises Refusal: when there is no use in sending it.
        """
        if self._intake is None:
            return None
        try:
            return self._intake.sink_for(request)
        except Refusal:
            raise
        except Exception as error:
            self._log.failure("The intake has failed")
            raise Refusal from error

    def leave(self, channel: Channel) -> None:
        """Forget a connection that has ended."""
        self._channels.remove(channel)
        if channel.visitor is not None:
            channel.door.leave(channel.visitor)
        self._go_on()
        self._stop_checking()
        if self._emptied is not None and not self._channels:
            emptied, self._emptied = self._emptied, None
            emptied.callback(None)

    def end(self, chosen: Callable[[object], bool]) -> None:
        """End the connections of some visitors, each when it has its answer."""
        for channel in [each for each in self._channels if chosen(each.visitor)]:
            channel.end()

    def drain(self) -> Deferred[None]:
        """
        End all connections, each when it has its answer, and let no more in.

        :return: fires when there are none left.
        """
        self._port = None
        self._drains = True
        if not self._channels:
            return succeed(None)
        waiting: Deferred[None] = Deferred()
        self._emptied = waiting
        for channel in list(self._channels):
            channel.end()
        return waiting

    def abort(self) -> None:
        """End all connections now."""
        for channel in list(self._channels):
            channel.transport.abortConnection()

    def _check(self) -> None:
        self._go_on()
        now = self.seconds()
        for channel in [each for each in self._channels if each.deadline < now]:
            channel.expire()

    def _hold(self) -> None:
        if self._port is not None:
            self.hold(self._port)

    def _go_on(self) -> None:
        if self._held and not self.is_full():
            held, self._held = self._held, set()
            for port in held:
                port.resumeProducing()

    def _may_complain(self, kind: str) -> bool:
        if self.seconds() < self._silent_until.get(kind, 0.0):
            return False
        self._silent_until[kind] = self.seconds() + _SILENCE
        return True

    def _stop_checking(self) -> None:
        """Stop the timer when nothing is left to watch and nothing is to come."""
        if self._checking.running and not self.numPorts and not self._channels:
            self._checking.stop()
