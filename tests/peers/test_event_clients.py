"""Clients that others wrote hear events: websockets, aiohttp and curl."""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
from pathlib import Path
from socket import AF_UNIX, socket
from typing import Any

import aiohttp
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread
from twisted.trial.unittest import TestCase
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import unix_connect

from devlxd.events.sink import Backlog
from tests.need import need_program
from tests.peers.live import C1, Live

_URL = "ws://devlxd/1.0/events"
_COUNT = 100
_reactor: Any = reactor


def by_websockets(path: str, query: str, count: int) -> list[str]:
    """So many messages, heard by Python's websockets."""
    with unix_connect(path, uri=_URL + query, compression="deflate") as connection:
        return [str(connection.recv(timeout=60)) for _ in range(count)]


def by_aiohttp(path: str, query: str, count: int) -> list[str]:
    """So many messages, heard by aiohttp."""

    async def listen() -> list[str]:
        connector = aiohttp.UnixConnector(path=path)
        async with (
            aiohttp.ClientSession(connector=connector) as session,
            session.ws_connect(_URL.replace("ws", "http", 1) + query) as connection,
        ):
            return [await connection.receive_str(timeout=60) for _ in range(count)]

    return asyncio.run(listen())


def by_curl(path: str, query: str, count: int) -> list[str]:
    """So many lines, heard by curl."""
    curl = need_program("curl", "curl")
    url = _URL.replace("ws", "http", 1) + query
    with subprocess.Popen(
        [curl, "--silent", "--no-buffer", "--unix-socket", path, url],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(count)]
        process.terminate()
    return lines


CLIENTS = (by_websockets, by_aiohttp, by_curl)


def resident() -> int:
    """The bytes of memory that this process has."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


class ClientTests(TestCase):
    """Each client hears all events, in order."""

    timeout = 120

    # trial waits for what setUp returns, but its annotation does not say so.
    async def setUp(self) -> None:  # type: ignore[override]
        """Serve."""
        self.live = Live()
        await self.live.start(self)

    async def _listening(self, count: int) -> None:
        """Wait until so many listen."""
        while self.live.feed.listeners(C1) < count:
            await deferLater(_reactor, 0.01)

    async def test_live(self) -> None:
        """Events come as they happen, the same to all, with what HTML escapes."""
        path = str(self.live.socket)
        heard: list[Deferred[list[str]]] = [
            deferToThread(client, path, "", _COUNT) for client in CLIENTS
        ]
        await self._listening(len(CLIENTS))
        for number in range(_COUNT):
            await self.live.set("user.k", f"<{number}>\u2028")
        first, *others = [await each for each in heard]
        self.assertEqual(others, [first] * (len(CLIENTS) - 1))
        values = [json.loads(line)["metadata"]["value"] for line in first]
        self.assertEqual(values, [f"<{number}>\u2028" for number in range(_COUNT)])
        self.assertNotIn("<", first[0])

    async def test_since(self) -> None:
        """Events come out of the journal, with their numbers."""
        for number in range(_COUNT):
            await self.live.set("user.k", str(number))
        for client in CLIENTS:
            lines = await deferToThread(
                client, str(self.live.socket), "?since=40", _COUNT - 40
            )
            seqs = [json.loads(line)["seq"] for line in lines]
            self.assertEqual(seqs, [*range(41, _COUNT + 1)])


class StalledTests(TestCase):
    """A listener that does not read."""

    timeout = 300

    async def setUp(self) -> None:  # type: ignore[override]
        """Serve, with a small backlog."""
        self.live = Live()
        await self.live.start(self, Backlog(100, 100_000))

    async def test_told_why(self) -> None:
        """It is dropped, and finds out why in a close frame once it reads."""
        opened: Deferred[Any] = deferToThread(self._open)
        connection = await opened
        self.addCleanup(connection.socket.close)
        for number in range(3000):
            await self.live.set("user.k", f"{number} {'x' * 1000}")
        received, code, reason = await deferToThread(self._drain, connection)
        self.assertTrue(0 < received < 3000, (received, code, reason))
        self.assertEqual(code, 1013)
        self.assertIn("too slow", reason)

    async def test_memory(self) -> None:
        """However many events it does not read, they take no memory."""
        with socket(AF_UNIX) as stalled:
            stalled.connect(str(self.live.socket))
            stalled.sendall(b"GET /1.0/events HTTP/1.1\r\nHost: x\r\n\r\n")
            while not self.live.feed.listeners(C1):
                await deferLater(_reactor, 0.01)
            await self._happen(2000)
            before = resident()
            await self._happen(100_000)
            self.assertLess(resident() - before, 16 * 1024 * 1024)
            self.assertEqual(self.live.feed.listeners(C1), 0)

    async def _happen(self, count: int) -> None:
        for number in range(count):
            changed = self.live.set("user.k", f"{number} {'x' * 100}")
            if number % 100 == 0:
                await changed
                await deferLater(_reactor, 0)

    def _open(self) -> Any:
        # Its own thread must not read for it: as few messages as can be in its queue.
        return unix_connect(str(self.live.socket), uri=_URL, max_queue=1)

    def _drain(self, connection: Any) -> tuple[int, int, str]:
        received = 0
        try:
            while True:
                connection.recv(timeout=60)
                received += 1
        except ConnectionClosed as closed:
            frame = closed.rcvd
        return received, frame.code if frame else 0, frame.reason if frame else ""
