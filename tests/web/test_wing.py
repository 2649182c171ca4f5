"""Several ports of one site."""

from __future__ import annotations

import socket
from errno import EMFILE
from typing import Any

from twisted.internet.threads import deferToThread
from twisted.trial.unittest import SynchronousTestCase

from devlxd.web.bounds import Bounds
from devlxd.web.wing import Wing
from tests.web.case import request
from tests.web.sockets import LAST, SocketCase, connected, rest
from tests.web.test_entrance import Failing
from tests.web.test_site import Listening
from tests.web.world import Door, World


class SidePort(Listening):
    """A port in memory, with a real socket."""

    def __init__(self, listening: socket.socket) -> None:
        super().__init__()
        self.socket: Any = listening


class WingTests(SynchronousTestCase):
    """`Wing` is another way in."""

    def setUp(self) -> None:
        """Make a site for three connections, with a wing."""
        self.world = World(Bounds(connections=3))
        self.main = self.world.site.port = Listening()
        self.door = Door()
        self.wing = Wing(self.world.site, self.door)
        self.wing.doStart()

    def open_at(self, listening: socket.socket) -> SidePort:
        """Open the wing at a port."""
        port = SidePort(listening)
        self.addCleanup(listening.close)
        untyped: Any = port
        self.wing.open_at(untyped)
        return port

    def test_door(self) -> None:
        """Who comes by it is met by its door, and leaves by it."""
        inside = self.world.door.inside, self.door.inside
        others, ours = self.world.connect(), self.world.connect(way=self.wing)
        self.assertEqual([len(each) for each in inside], [1, 1])
        self.assertEqual(ours.ask(request()).status, 200)
        ours.vanish()
        self.assertEqual([len(each) for each in inside], [1, 0])
        others.vanish()
        self.assertEqual([len(each) for each in inside], [0, 0])

    def test_room(self) -> None:
        """Its port is in the place of a connection; without it there is one more."""
        self.world.connect()
        self.assertFalse(self.world.site.is_full())
        self.world.connect()
        self.assertTrue(self.world.site.is_full())
        self.wing.doStop()
        self.assertFalse(self.world.site.is_full())

    def test_full(self) -> None:
        """Its port is held from when somebody comes in vain until there is room."""
        port = self.open_at(Failing(EMFILE))
        wires = [self.world.connect() for _ in range(2)]
        self.assertTrue(port.accepts)
        for _ in range(2):
            self.assertRaises(BlockingIOError, port.socket.accept)
            self.assertFalse(port.accepts)
        wires[0].vanish()
        self.assertTrue(port.accepts)
        self.assertTrue(self.main.accepts)

    def test_exhausted(self) -> None:
        """Its port alone is held for a moment when it cannot accept."""
        port = self.open_at(Failing(EMFILE))
        self.assertRaises(BlockingIOError, port.socket.accept)
        self.assertEqual((port.accepts, self.main.accepts), (False, True))
        self.world.clock.advance(0.25)
        self.assertTrue(port.accepts)

    def test_drain(self) -> None:
        """Nobody is let in by it while the site waits for its last answers."""
        port = self.open_at(Failing(EMFILE))
        wire = self.world.connect()
        wire.send(request("/slow"))
        self.world.site.drain()
        self.assertRaises(BlockingIOError, port.socket.accept)
        self.world.answer()
        self.assertFalse(port.accepts)
        self.world.site.doStop()
        self.wing.doStop()
        self.world.site.doStart()
        self.assertFalse(self.world.site.is_full())

    def test_timer(self) -> None:
        """The site watches the time until the last port is closed."""
        self.world.site.doStop()
        self.assertEqual(len(self.world.clock.getDelayedCalls()), 1)
        self.wing.doStop()
        self.assertEqual(self.world.clock.getDelayedCalls(), [])


class WingSocketTests(SocketCase):
    """`Wing` on a real socket."""

    bounds = Bounds(connections=2)

    async def test_waits(self) -> None:
        """Whoever comes by it while the site is full is served when there is room."""
        wing = Wing(self.world.site, self.world.door)
        port = self.reactor.listenUNIX(f"{self.path}.side", wing)
        self.addCleanup(port.stopListening)
        wing.open_at(port)
        holder = connected(self.path)
        await self.until(lambda: self.world.door.inside)
        waiting = connected(f"{self.path}.side")
        waiting.sendall(LAST)
        answers = deferToThread(rest, waiting)
        await self.until(lambda: self.world.site.is_full())
        holder.close()
        (answer,) = await answers
        self.assertEqual(answer.status, 200)
