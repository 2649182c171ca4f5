"""Guests are let in, and seen out."""

from __future__ import annotations

from twisted.internet.address import (
    HostnameAddress,
    IPv4Address,
    IPv6Address,
    UNIXAddress,
)
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.endpoints import TCP4ServerEndpoint
from twisted.internet.interfaces import (
    IStreamServerEndpoint,
)
from twisted.internet.task import Clock
from twisted.internet.testing import MemoryReactorClock
from twisted.logger import capturedLogs, formatEvent
from twisted.trial.unittest import SynchronousTestCase

from devlxd.errors import CannotStart
from devlxd.service.listener import Listener
from tests.service.connections import Connection, Endpoint, Port, at, site

HALF = b"PATCH /1.0 HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab"
"""A request that is not all there."""


class StartTests(SynchronousTestCase):
    """`Listener` listens at an endpoint."""

    def listener(self, endpoint: IStreamServerEndpoint) -> Listener:
        """One that has not started."""
        return Listener("guests", endpoint, site(Clock()), Clock())

    def test_listens(self) -> None:
        """It gives its site to the endpoint."""
        reactor = MemoryReactorClock()
        its_site = site(reactor)
        listener = Listener(
            "guests", TCP4ServerEndpoint(reactor, 80), its_site, reactor
        )
        listener.startService()
        ((port, factory, *_),) = reactor.tcpServers
        self.assertEqual(port, 80)
        self.assertIs(factory, its_site)
        self.assertTrue(listener.running)

    def test_says_where(self) -> None:
        """The log says where who connects, as people write it."""
        other = HostnameAddress(b"x", 80)
        for address, text in (
            (UNIXAddress(b"/run/x"), "/run/x"),
            (UNIXAddress(b"\0x"), "@x"),
            (UNIXAddress(None), ""),
            (IPv4Address("TCP", "127.0.0.1", 80), "127.0.0.1:80"),
            (IPv6Address("TCP", "::1", 80), "[::1]:80"),
            (other, str(other)),
        ):
            with capturedLogs() as events:
                self.listener(at(address)).startService()
            self.assertEqual(formatEvent(events[-1]), f"Guests connect at {text}")

    def test_cannot(self) -> None:
        """What keeps an endpoint from listening keeps the service from starting."""
        for error, reason in {
            OSError(28, "No space left on device", "/x"): (
                "/x: No space left on device"
            ),
            OSError("odd"): "odd",
            OverflowError("port must be 0-65535."): "port must be 0-65535.",
        }.items():
            listener = self.listener(Endpoint(fail(error)))
            with self.assertRaises(CannotStart) as caught:
                listener.startService()
            self.assertEqual(
                str(caught.exception), f"cannot listen for guests: {reason}"
            )
            self.assertFalse(listener.running)

    def test_slow_endpoint(self) -> None:
        """So does an endpoint that takes its time."""
        listener = self.listener(Endpoint(Deferred()))
        self.assertRaises(CannotStart, listener.startService)

    def test_never_started(self) -> None:
        """One that could not start can be stopped."""
        listener = self.listener(Endpoint(Deferred()))
        self.successResultOf(listener.stopService())


class StopTests(SynchronousTestCase):
    """`Listener` ends connections when it stops."""

    def setUp(self) -> None:
        """Start one."""
        self.clock = Clock()
        self.site = site(self.clock)
        self.closed: Deferred[None] = Deferred()
        port = Port(UNIXAddress(b"/run/x"), self.closed)
        self.listener = Listener(
            "guests", Endpoint(succeed(port)), self.site, self.clock
        )
        self.listener.startService()

    def connect(self, request: bytes) -> Connection:
        """A connection on which something was sent."""
        connection = Connection()
        connection.protocol = self.site.buildProtocol(None)
        connection.protocol.makeConnection(connection)
        connection.protocol.dataReceived(request)
        return connection

    def test_order(self) -> None:
        """Nobody is let in any more before the last ones are seen out."""
        connection = self.connect(b"")
        stopping = self.listener.stopService()
        self.assertTrue(connection.open)
        self.closed.callback(None)
        self.successResultOf(stopping)
        self.assertFalse(connection.open)

    def test_answers(self) -> None:
        """A request that has begun is answered before the connection ends."""
        connection = self.connect(HALF)
        self.closed.callback(None)
        stopping = self.listener.stopService()
        self.assertNoResult(stopping)
        connection.protocol.dataReceived(b"cd")
        self.successResultOf(stopping)
        self.assertIn(b"HTTP/1.1 ", connection.value())
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_bounded(self) -> None:
        """A request that does not end is given up after 5 seconds."""
        self.connect(HALF)
        self.closed.callback(None)
        stopping = self.listener.stopService()
        self.clock.pump([1.0] * 4)
        self.assertNoResult(stopping)
        self.clock.advance(1)
        self.successResultOf(stopping)

    def test_socket_gone(self) -> None:
        """A socket that somebody else has removed keeps nobody from leaving."""
        connection = self.connect(b"")
        self.closed.errback(FileNotFoundError(2, "No such file", b"/run/x"))
        with capturedLogs() as events:
            self.successResultOf(self.listener.stopService())
        self.assertEqual(
            formatEvent(events[0]), "Closing the socket of guests: /run/x: No such file"
        )
        self.assertFalse(connection.open)
