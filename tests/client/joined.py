"""Two programs, between which there is an agent."""

from __future__ import annotations

import socket
from typing import Any

from twisted.internet import reactor
from twisted.internet.threads import deferToThread

from devlxd.client.agent import Agent
from devlxd.client.connection import SocketEndpoint
from tests.client.sockets import SocketTestCase, directory, listening

_PATIENCE = 20.0  # seconds

_reactor: Any = reactor


def received(connection: socket.socket) -> bytes:
    """All that comes until the other side sends no more."""
    parts = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts)


def taken(connection: socket.socket, count: int) -> bytes:
    """So many bytes."""
    parts = b""
    while len(parts) < count and (part := connection.recv(count - len(parts))):
        parts += part
    return parts


class JoinedTestCase(SocketTestCase):
    """
    Connects programs.

    :ivar complaints: of the agent.
    """

    timeout = 60

    def setUp(self) -> None:
        """Have an agent, and a service that accepts nobody by itself."""
        self.far = f"{directory(self)}/far"
        self.listener = self.closed(socket.socket(socket.AF_UNIX))
        self.listener.bind(self.far)
        self.listener.listen()
        self.complaints: list[str] = []
        self.agent = Agent(SocketEndpoint(_reactor, self.far), self.complaints.append)
        self.path = listening(self, self.agent)

    def closed(self, opened: socket.socket) -> socket.socket:
        """A socket that is closed at the end, and waits for nothing too long."""
        self.addCleanup(opened.close)
        opened.settimeout(_PATIENCE)
        return opened

    def call(self) -> socket.socket:
        """A connection to the agent."""
        near = self.closed(socket.socket(socket.AF_UNIX))
        near.connect(self.path)
        return near

    async def joined(self) -> tuple[socket.socket, socket.socket]:
        """Both ends of a connection that goes through it."""
        near = self.call()
        far, _ = await deferToThread(self.listener.accept)
        return near, self.closed(far)
