"""Tests of devlxd.client.agent."""

from __future__ import annotations

import socket
import stat
from pathlib import Path
from typing import Any

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import (
    IProtocol,
    IProtocolFactory,
    IStreamClientEndpoint,
)
from twisted.internet.threads import deferToThread
from zope.interface import implementer

from devlxd.client.agent import Agent, close, listen
from devlxd.client.failures import PathTooLong
from devlxd.client.program import Unable
from tests.client.joined import JoinedTestCase, received
from tests.client.sockets import SocketTestCase, directory, later, listening

_reactor: Any = reactor


@implementer(IStreamClientEndpoint)
class Slow:
    """Connects when it is told to, or fails."""

    def __init__(self) -> None:
        self.asked: Deferred[None] = Deferred()
        self.result: Deferred[IProtocol] = Deferred()

    def connect(self, factory: IProtocolFactory) -> Deferred[IProtocol]:
        """Wait."""
        self.asked.callback(None)
        return self.result


class AgentTests(JoinedTestCase):
    """`Agent` finds a connection for each that it gets."""

    def leave(self) -> None:
        """Let the host be away."""
        Path(self.far).rename(f"{self.far}.away")

    def come_back(self) -> None:
        """Let it be there."""
        Path(f"{self.far}.away").rename(self.far)

    async def test_one_for_each(self) -> None:
        """Each caller has its own."""
        pairs = [await self.joined() for _ in range(3)]
        for number, (near, _) in enumerate(pairs):
            near.sendall(b"%d" % number)
        for number, (_, far) in enumerate(pairs):
            self.assertEqual(await deferToThread(far.recv, 9), b"%d" % number)

    async def test_host_away(self) -> None:
        """While the host is away callers are turned away, and that is said once."""
        self.leave()
        for _ in range(2):
            self.assertEqual(await deferToThread(received, self.call()), b"")
        complaint = (
            f"{self.far}: no such socket; "
            "is this an instance, and does its host share the socket?"
        )
        self.assertEqual(self.complaints, [complaint])
        self.come_back()
        near, far = await self.joined()
        near.sendall(b"x")
        self.assertEqual(await deferToThread(far.recv, 1), b"x")
        self.leave()
        self.assertEqual(await deferToThread(received, self.call()), b"")
        self.assertEqual(self.complaints, [complaint] * 2)

    async def test_waits(self) -> None:
        """Nothing is read of a caller before the host is there."""
        slow = Slow()
        path = listening(self, Agent(slow, self.complaints.append))
        near = self.closed(socket.socket(socket.AF_UNIX))
        near.connect(path)
        near.setblocking(False)
        await slow.asked
        sent = 0
        for _ in range(20):
            try:
                sent += near.send(bytes(1 << 20))
            except BlockingIOError:
                await later(0.001)
        self.assertLess(sent, 1 << 20)
        slow.result.errback(OSError(5, "Input/output error"))
        near.setblocking(True)
        with self.assertRaises(ConnectionResetError):
            await deferToThread(received, near)
        self.assertEqual(self.complaints, ["Input/output error"])


class ListenTests(SocketTestCase):
    """`listen` makes the socket of an agent, and `close` removes it."""

    def setUp(self) -> None:
        """Have a place for it."""
        self.path = f"{directory(self)}/lxd/sock"

    def listen(self, path: str | None = None) -> Any:
        """Listen, until it is closed."""
        return listen(_reactor, path or self.path, Agent(Slow(), print))

    def refused(self, complaint: str) -> None:
        """It does not listen, for this reason."""
        with self.assertRaises(Unable) as caught:
            close(self.listen())
        self.assertEqual(str(caught.exception), f"{self.path}: {complaint}")

    def test_modes(self) -> None:
        """Its directory is made, and only its own user may connect."""
        port = self.listen()
        self.assertEqual(stat.S_IMODE(Path(self.path).stat().st_mode), 0o600)
        (path,) = Path(self.path).parent.iterdir()
        self.assertEqual(str(path), self.path)
        close(port)
        self.assertFalse(path.exists())

    def test_left(self) -> None:
        """A socket that a killed agent has left is replaced."""
        Path(self.path).parent.mkdir()
        with socket.socket(socket.AF_UNIX) as left:
            left.bind(self.path)
        port = self.listen()
        self.addCleanup(close, port)
        with socket.socket(socket.AF_UNIX) as caller:
            caller.connect(self.path)

    def test_heard(self) -> None:
        """Where somebody listens already it does not, be it the host."""
        self.addCleanup(close, self.listen())
        self.refused("somebody listens there already")

    def test_file(self) -> None:
        """Nor where something else is."""
        Path(self.path).parent.mkdir()
        Path(self.path).write_text("")
        self.refused("is there, and is no socket")
        Path(self.path).unlink()
        Path(self.path).mkdir()
        self.refused("is there, and is no socket")

    def test_no_directory(self) -> None:
        """Nor where there can be no directory for it."""
        Path(self.path).parent.write_text("")
        with self.assertRaises(Unable) as caught:
            self.listen()
        self.assertEqual(
            str(caught.exception), f"{Path(self.path).parent}: File exists"
        )

    def test_long(self) -> None:
        """Nor at a path that no socket can have."""
        with self.assertRaises(PathTooLong):
            self.listen("/" + "x" * 107)

    def test_cannot_bind(self) -> None:
        """Nor where no socket can be made."""
        self.path = "/proc/sock"
        self.refused("No such file or directory")
