"""A site on a real UNIX socket."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from twisted.internet import reactor
from twisted.internet.endpoints import UNIXServerEndpoint
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread
from twisted.trial.unittest import TestCase

from devlxd.web.bounds import Bounds
from devlxd.web.routes import Routes
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


def rest(connection: socket.socket, received: bytes = b"") -> list[Response]:
    """
    All responses until the connection is closed, which it is then on both sides.

    :param received: what was read of them before.
    """
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
        self.world = World(self.bounds, self.reactor, more=self.routes())
        self.addCleanup(self.world.site.drain)
        self.listen(UNIXServerEndpoint(self.reactor, self.path, backlog=1000))

    def routes(self) -> Routes[object]:
        """What is served beside what any world serves."""
        return Routes()

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
