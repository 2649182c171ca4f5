"""What peers can do to real sockets."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Callable
from pathlib import Path

from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread
from twisted.logger import capturedLogs

from devlxd.testing.locators import open_descriptors
from devlxd.web.bounds import Bounds
from tests.web.case import request
from tests.web.responses import Response
from tests.web.sockets import LAST, SocketCase, connected, rest


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
            # In one piece: the other side is closed as soon as it has answered.
            socket.send_fds(connection, [LAST, b"more"], descriptors)
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
