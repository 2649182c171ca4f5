"""Files over real sockets."""

from __future__ import annotations

import contextlib
import hashlib
import os
import resource
import shutil
import socket
import tempfile
from pathlib import Path
from typing import Any

from twisted.internet.endpoints import TCP4ServerEndpoint
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread
from twisted.internet.unix import Server
from twisted.logger import capturedLogs

from devlxd.web.bounds import Bounds
from devlxd.web.routes import Routes
from tests.web.case import request
from tests.web.responses import Response
from tests.web.shelf import Shelf
from tests.web.sockets import LAST, SocketCase, connected, rest

LARGE = os.urandom(1 << 20) * 8
PART = 256 * 1024


def memory() -> int:
    """The most bytes that this process has ever had in memory."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


class ShelfCase(SocketCase):
    """A site with a large file."""

    def routes(self) -> Routes[object]:
        """The files."""
        directory = Path(tempfile.mkdtemp(prefix="devlxd-"))
        self.addCleanup(shutil.rmtree, directory)
        self.shelf = Shelf(directory)
        self.shelf.put("large", LARGE)
        self.shelf.put("small")
        return self.shelf.routes()

    async def all_closed(self) -> None:
        """Wait until no file is open any more, nor any connection."""
        await self.nobody()
        self.assertEqual(self.shelf.left_open, 0)

    def asked(self, target: str = "/file/large") -> socket.socket:
        """A connection on which something was asked."""
        connection = connected(self.path)
        self.addCleanup(connection.close)
        connection.sendall(request(target))
        return connection


class SendingTests(ShelfCase):
    """A file goes from the disk to the socket."""

    async def test_whole(self) -> None:
        """All of a large file comes, and what was asked for behind it."""
        asked = request("/size/70000") + request("/file/large") + request("/file/small")
        first, second, third = await deferToThread(self.exchange, asked, shut=True)
        self.assertEqual(len(first.body), 70000)
        self.assertEqual(second.body, LARGE)
        self.assertEqual(len(third.body), 100)
        await self.all_closed()

    async def test_form(self) -> None:
        """So do several files in one answer."""
        [response] = await deferToThread(
            self.exchange, request("/form/large/large"), shut=True
        )
        self.assertEqual(response.body.count(LARGE), 2)
        await self.all_closed()

    async def test_range(self) -> None:
        """So does a range of one."""
        asked = b"GET /file/large HTTP/1.0\r\nRange: bytes=1234567-\r\n\r\n"
        [response] = await deferToThread(self.exchange, asked)
        self.assertEqual(response.body, LARGE[1234567:])

    async def test_tcp(self) -> None:
        """So they do over TCP."""
        port = self.listen(TCP4ServerEndpoint(self.reactor, 0, interface="127.0.0.1"))
        self.path = ("127.0.0.1", port.getHost().port)  # type: ignore[assignment]
        asked = request("/file/large") * 2
        responses = await deferToThread(self.exchange, asked, shut=True)
        self.assertEqual([each.body for each in responses], [LARGE] * 2)

    async def test_others(self) -> None:
        """While one peer reads nothing of its file, others are served."""
        self.asked()
        await self.until(lambda: self.shelf.opened)
        await self.assert_served()

    async def test_later_answers(self) -> None:
        """When a file is sent, its socket holds no more than before."""
        connection = self.asked()
        digest = await deferToThread(self.read, connection, len(LARGE))
        self.assertEqual(digest, hashlib.sha256(LARGE).hexdigest())
        await self.until(lambda: not self.shelf.left_open)
        [channel] = self.world.site._channels
        size = channel.transport.socket.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
        with socket.socket(socket.AF_UNIX) as fresh:
            usual = fresh.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
        self.assertEqual(size, usual)

    def read(self, connection: socket.socket, size: int) -> str:
        """The digest of so many bytes behind the head."""
        stream = connection.makefile("rb")
        while stream.readline() != b"\r\n":
            pass
        digest = hashlib.sha256()
        while size:
            data = stream.read1(min(size, PART))
            digest.update(data)
            size -= len(data)
        return digest.hexdigest()


class PressureTests(ShelfCase):
    """Many peers, who read nothing or go away."""

    async def test_memory(self) -> None:
        """Files that peers do not take are not in our memory."""
        before = memory()
        for _ in range(50):
            self.asked()
        await self.until(lambda: len(self.shelf.opened) == 50)
        await deferLater(self.reactor, 0.2)
        self.assertLess(memory() - before, 20 * 1024 * 1024)

    async def test_leave(self) -> None:
        """Peers that go away amid a file leave no file and nothing in the log."""
        with capturedLogs() as events:
            for number in range(30):
                connection = self.asked()
                if number % 3:
                    await deferToThread(connection.recv, 1000 * number)
                connection.close()
            await self.until(lambda: len(self.shelf.opened) == 30)
            await self.all_closed()
        self.assertEqual([event for event in events if "log_failure" in event], [])

    async def test_leave_while_it_is_sent(self) -> None:
        """So do those that read eagerly and then go."""

        def client() -> None:
            with self.asked() as connection:
                for _ in range(20):
                    connection.recv(PART)

        for _ in range(10):
            await deferToThread(client)
        await self.all_closed()

    async def test_leave_unnoticed(self) -> None:
        """So does one of which we hear only when we send to it."""
        connection = self.asked("/size/0")
        await deferToThread(connection.recv, PART)
        self.shelf.reading = connection.close
        connection.sendall(request("/file/large"))
        await self.until(lambda: self.shelf.opened)
        await self.all_closed()

    async def test_abort(self) -> None:
        """So does the end of the service."""
        for _ in range(5):
            self.asked()
        await self.until(lambda: len(self.shelf.opened) == 5)
        self.world.site.abort()
        await self.all_closed()


class SlowReaderTests(ShelfCase):
    """Peers that take their time."""

    bounds = Bounds(idle_time=1.0)

    async def test_slow(self) -> None:
        """One that reads a little now and then, much less than the socket holds, gets
        all of the file."""
        connection = self.asked()
        received = b""
        for _ in range(12):
            await deferLater(self.reactor, 0.25)
            received += await deferToThread(connection.recv, PART)
        [response] = await deferToThread(self.rest_of, connection, received)
        self.assertEqual(response.body, LARGE)
        await self.all_closed()

    async def test_stuck(self) -> None:
        """One that reads nothing is cut off after the idle time."""
        connection = self.asked()
        await self.until(lambda: self.shelf.opened)
        await self.all_closed()
        received = await deferToThread(self.received, connection)
        self.assertLess(received, len(LARGE))
        await self.assert_served()

    def rest_of(self, connection: socket.socket, received: bytes) -> list[Response]:
        """All responses, of which a part was read already."""
        connection.sendall(LAST)
        return rest(connection, received)[:1]

    def received(self, connection: socket.socket) -> int:
        """How many bytes there are to be read."""
        size = 0
        while data := connection.recv(PART):
            size += len(data)
        return size


class Eager(Server):
    """A transport that sends at once what the kernel takes, without being asked to."""

    def write(self, data: bytes) -> None:
        """Send."""
        if not self.dataBuffer and not self._tempDataLen:
            with contextlib.suppress(BlockingIOError):
                data = data[self.socket.send(data) :]
        super().write(data)


class EagerTests(ShelfCase):
    """Transports that have nothing left to send when they were given something."""

    def listen(self, endpoint: Any) -> Any:
        """As ever, for such transports."""
        port = super().listen(endpoint)
        port.transport = Eager
        return port

    async def test_all(self) -> None:
        """Whatever is sent in pieces comes whole."""
        targets = [
            "/form/small/small",
            "/size/700000",
            "/file/large",
            "/form/large/small",
        ]
        asked = b"".join(map(request, targets * 2))
        responses = await deferToThread(self.exchange, asked, shut=True)
        sizes = [len(response.body) for response in responses]
        self.assertEqual(sizes[1:3], [700_000, len(LARGE)])
        self.assertEqual(sizes, sizes[:4] * 2)
        await self.all_closed()
