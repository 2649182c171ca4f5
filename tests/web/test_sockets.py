"""Real UNIX sockets, and what peers can do to them."""

from __future__ import annotations

import os
import socket
import struct
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from twisted.internet import reactor
from twisted.internet.endpoints import TCP4ServerEndpoint, UNIXServerEndpoint
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread
from twisted.logger import capturedLogs
from twisted.trial.unittest import TestCase

from devlxd.testing.locators import open_descriptors
from devlxd.web.bounds import Bounds
from tests.web.case import request
from tests.web.responses import Response, parsed
from tests.web.world import World

LAST = b"GET / HTTP/1.0\r\n\r\n"
PATIENCE = 10.0


def connected(address: Any, name: str | None = None) -> socket.socket:
    """A connection."""
    family = socket.AF_INET if isinstance(address, tuple) else socket.AF_UNIX
    connection = socket.socket(family)
    connection.settimeout(PATIENCE)
    if name is not None:
        connection.bind(name)
    connection.connect(address)
    return connection


def rest(connection: socket.socket) -> list[Response]:
    """All responses until the connection is closed, which it is then on both sides."""
    received = b""
    with connection:
        while True:
            try:
                data = connection.recv(65536)
            except ConnectionResetError:
                # It was closed before all was read that we have sent.
                data = b""
            if not data:
                return parsed(received)
            received += data


class SocketCase(TestCase):
    """A site on a UNIX socket."""

    bounds = Bounds()

    def setUp(self) -> None:
        """Listen."""
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = str(Path(directory.name) / "sock")
        untyped: Any = reactor
        self.reactor = untyped
        self.world = World(self.bounds, self.reactor)
        self.addCleanup(self.world.site.drain)
        self.listen(UNIXServerEndpoint(self.reactor, self.path, backlog=1000))

    def listen(self, endpoint: Any) -> Any:
        """A port that listens until the end of the test."""
        port: Any = self.successResultOf(endpoint.listen(self.world.site))
        self.world.site.port = port
        self.addCleanup(port.stopListening)
        return port

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait for something to become true."""
        for _ in range(int(PATIENCE * 100)):
            if condition():
                return
            await deferLater(self.reactor, 0.01)
        self.fail("It never came to be.")

    async def nobody(self) -> None:
        """Wait until all connections have ended."""
        await self.until(lambda: not self.world.door.inside)

    async def assert_served(self) -> None:
        """Another peer is served."""
        responses = await deferToThread(self.exchange, LAST)
        self.assertEqual([response.status for response in responses], [200])

    def exchange(self, sent: bytes, shut: bool = False) -> list[Response]:
        """What comes back, until the end of the connection."""
        connection = connected(self.path)
        connection.sendall(sent)
        if shut:
            connection.shutdown(socket.SHUT_WR)
        return rest(connection)


class ExchangeTests(SocketCase):
    """Requests and answers."""

    async def test_request(self) -> None:
        """A request is answered."""
        [response] = await deferToThread(self.exchange, LAST)
        self.assertEqual(response.body, b'["caller"]\n')

    async def test_pipelining(self) -> None:
        """Requests that come together are answered in order."""
        requests = b"".join(request(f"/size/{size}") for size in range(0, 90000, 997))
        responses = await deferToThread(self.exchange, requests, shut=True)
        sizes = [len(response.body) for response in responses]
        self.assertEqual(sizes, list(range(0, 90000, 997)))

    async def test_half_closed(self) -> None:
        """A peer that sends no more gets its answers, however long they take."""
        requests = request("/slow") + request("/size/300000") + request("/slow") + b"x"
        exchange = deferToThread(self.exchange, requests, shut=True)
        for _ in range(2):
            await self.until(lambda: self.world.slow)
            await deferLater(self.reactor, 0.05)
            self.world.answer()
        statuses = [response.status for response in await exchange]
        self.assertEqual(statuses, [200, 200, 200, 400])

    async def test_half_closed_body(self) -> None:
        """A peer that breaks off within a body is told so."""
        part = request("/", "PATCH", b"12345")[:-1]
        [response] = await deferToThread(self.exchange, part, shut=True)
        self.assertEqual(response.body, b"Invalid request body: unexpected EOF\n")

    async def test_too_large(self) -> None:
        """A body that is too large is answered while it is still sent."""

        def client() -> list[Response]:
            connection = connected(self.path)
            connection.sendall(b"PATCH / HTTP/1.1\r\nHost: x\r\n")
            connection.sendall(b"Content-Length: 9999999\r\n\r\n")
            try:
                for _ in range(100):
                    connection.sendall(b"x" * 100_000)
            except (BrokenPipeError, ConnectionResetError):
                pass
            return rest(connection)

        [response] = await deferToThread(client)
        self.assertEqual(response.status, 413)

    async def test_drain(self) -> None:
        """At the end, a peer gets its answer and is then left."""
        exchange = deferToThread(self.exchange, request("/slow") + request())
        await self.until(lambda: self.world.slow)
        drained = self.world.site.drain()
        self.world.answer()
        self.assertEqual([each.body for each in await exchange], [b"slow"])
        await drained

    async def test_gone(self) -> None:
        """What a peer asks for that goes away is done to its end."""

        def client() -> None:
            with connected(self.path) as connection:
                connection.sendall(request("/slow"))

        await deferToThread(client)
        await self.until(lambda: self.world.slow)
        self.world.answer()
        await self.nobody()


class TCPTests(SocketCase):
    """Other sockets, for development."""

    async def test_tcp(self) -> None:
        """A site may listen on TCP."""
        port = self.listen(TCP4ServerEndpoint(self.reactor, 0, interface="127.0.0.1"))
        address = ("127.0.0.1", port.getHost().port)

        def client() -> list[Response]:
            connection = connected(address)
            connection.sendall(LAST)
            return rest(connection)

        [response] = await deferToThread(client)
        self.assertEqual(response.status, 200)


class HostilityTests(SocketCase):
    """Peers that mean us ill."""

    async def assert_harmless(self, client: Callable[[], object]) -> None:
        """A client leaves no descriptor open, and no line in the log."""
        # By then the reactor has opened all that it needs.
        await self.assert_served()
        before = open_descriptors()
        with capturedLogs() as said:
            await deferToThread(client)
            await self.nobody()
        self.assertEqual(open_descriptors(), before)
        self.assertEqual(said, [])
        await self.assert_served()

    async def test_descriptors(self) -> None:
        """File descriptors that a peer sends are closed, and not worth a word."""
        await self.assert_harmless(self.send_descriptors)

    def send_descriptors(self) -> None:
        """Send hundreds of them, between requests, within them and behind them."""
        connection = connected(self.path)
        with Path("/dev/null").open() as null:
            descriptors = [null.fileno()] * 50
            for part in (b"GET / HT", b"TP/1.1\r\nHost: x\r\n\r", b"\n"):
                socket.send_fds(connection, [part], descriptors)
            connection.recv(65536)
            socket.send_fds(connection, [LAST], descriptors)
            socket.send_fds(connection, [b"more"], descriptors)
        rest(connection)

    async def test_names(self) -> None:
        """A peer may be bound to any name, also one as long as an address of IPv6."""
        names = ["\0abc", "\0abcd", "\0\0\0\0", "\0" + "x" * 100, self.path + "\udcff"]
        with capturedLogs() as said:
            for name in names:
                responses = await deferToThread(self.named, name)
                self.assertEqual(len(responses), 1)
        self.assertEqual(said, [])

    def named(self, name: str) -> list[Response]:
        """The answer to a peer of this name."""
        connection = connected(self.path, name)
        connection.sendall(LAST)
        return rest(connection)

    async def test_resets(self) -> None:
        """Peers that reset their connections, at any time, harm nobody."""
        await self.assert_harmless(self.reset)

    def reset(self) -> None:
        """Close connections on which there is something to be read."""
        for sent in (request("/size/300000"), request() * 300, b"nonsense\r\n" * 9000):
            for _ in range(20):
                with connected(self.path) as connection:
                    connection.sendall(sent)
                    connection.recv(10)

    async def test_many(self) -> None:
        """Hundreds of connections that come and go leave nothing behind."""
        await self.assert_harmless(self.crowd)

    def crowd(self) -> None:
        """Open 500 connections, then close them."""
        connections = [connected(self.path) for _ in range(500)]
        for connection in connections[::2]:
            connection.sendall(request()[:-1])
        for connection in connections:
            connection.close()

    async def test_credentials(self) -> None:
        """Credentials that a peer sends along are not worth a word."""

        def client() -> list[Response]:
            connection = connected(self.path)
            credentials = struct.pack("iii", os.getpid(), os.getuid(), os.getgid())
            connection.sendmsg(
                [LAST], [(socket.SOL_SOCKET, socket.SCM_CREDENTIALS, credentials)]
            )
            return rest(connection)

        with capturedLogs() as said:
            self.assertEqual(len(await deferToThread(client)), 1)
        self.assertEqual(said, [])


class FullTests(SocketCase):
    """More peers than there is room for."""

    bounds = Bounds(connections=3)

    async def test_full(self) -> None:
        """Those for whom there is no room wait until there is."""
        guests = await deferToThread(lambda: [connected(self.path) for _ in range(8)])
        for number, guest in enumerate(guests):
            await self.until(lambda: len(self.world.door.inside) == 3)
            await deferLater(self.reactor, 0.02)
            self.assertEqual(len(self.world.door.inside), 3)
            if number == 5:
                break
            guest.close()
        for guest in guests[5:]:
            guest.sendall(LAST)
            responses = await deferToThread(rest, guest)
            self.assertEqual(len(responses), 1)


class ShortTests(SocketCase):
    """Little time."""

    bounds = Bounds(head_time=0.1, idle_time=0.2, close_time=0.1)

    async def test_silent(self) -> None:
        """Peers that say nothing, or not enough, are left without a word."""
        for sent in (b"", b"GET /", b"GET / HTTP/1.1\r\n"):
            with capturedLogs() as said:
                responses = await deferToThread(self.exchange, sent)
            self.assertEqual((responses, said), ([], []))

    async def test_idle(self) -> None:
        """Peers that ask no more are left."""
        responses = await deferToThread(self.exchange, request())
        self.assertEqual(len(responses), 1)

    async def test_body(self) -> None:
        """Peers that do not send a body are told so."""
        part = request("/", "PATCH", b"12345")[:-1]
        [response] = await deferToThread(self.exchange, part)
        self.assertEqual(response.body, b"Invalid request body: i/o timeout\n")

    async def test_never_reads(self) -> None:
        """Peers that do not read their answers are left, and cost no more than one."""
        guest = await deferToThread(connected, self.path)
        self.addCleanup(guest.close)
        await deferToThread(guest.sendall, request("/size/900000") * 1000)
        await self.nobody()
        self.assertEqual(len(self.world.begun), 1)
