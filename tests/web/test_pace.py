"""Peers that ask faster than they read."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.web.case import request
from tests.web.wire import READ_SIZE
from tests.web.world import World

LARGE = request("/size/200000")
BUSY = request("/busy")


class PaceTests(SynchronousTestCase):
    """What is kept in memory for a peer is bounded."""

    def setUp(self) -> None:
        """Make a site."""
        self.world = World()

    def test_large_answers(self) -> None:
        """No answer is begun while the one before waits to be read."""
        wire = self.world.connect(reads=False)
        for _ in range(100):
            wire.send(LARGE * 100)
        self.assertEqual(len(self.world.begun), 1)
        self.assertLess(wire.written, 300_000)

    def test_small_answers(self) -> None:
        """Small answers add up to no more than a transport takes."""
        wire = self.world.connect(reads=False)
        for _ in range(100):
            wire.send(request("/size/1000") * 100)
        self.assertLess(len(self.world.begun), 70)
        self.assertLess(wire.written, 2 * READ_SIZE)

    def test_requests(self) -> None:
        """Requests that cannot be answered now are not read."""
        wire = self.world.connect(reads=False)
        for _ in range(100):
            wire.send(LARGE * 1000)
        self.assertLess(100_000 * len(LARGE) - wire.unread, 2 * READ_SIZE)

    def test_requests_behind_slow_one(self) -> None:
        """Requests behind one that is worked on are not read without end."""
        wire = self.world.connect(reads=False)
        for _ in range(100):
            wire.send(request("/slow") * 1000)
        self.assertEqual(len(self.world.slow), 1)
        sent = 100_000 * len(request("/slow"))
        self.assertLess(sent - wire.unread, 3 * READ_SIZE)

    def test_in_the_end(self) -> None:
        """When the peer reads, it gets all its answers, in order."""
        wire = self.world.connect(reads=False)
        sizes = [200_000, 5, 200_000, 70_000, 0, 1, 2]
        for size in sizes * 3:
            wire.send(request(f"/size/{size}"))
        wire.read_on()
        bodies = [len(response.body) for response in wire.responses()]
        self.assertEqual(bodies, sizes * 3)

    def test_slow_ones_in_the_end(self) -> None:
        """So it does when some of them take time."""
        wire = self.world.connect(reads=False)
        wire.send(LARGE + request("/slow") + LARGE + request("/slow") + request())
        for _ in range(2):
            wire.read_on()
            wire.reads = False
            self.world.answer()
        wire.read_on()
        bodies = [len(response.body) for response in wire.responses()]
        self.assertEqual(bodies, [200_000, 4, 200_000, 4, 11])

    def test_asks_while_we_answer(self) -> None:
        """What is asked while an answer is held is answered behind it."""
        wire = self.world.connect(reads=False)
        wire.send(request("/slow"))
        wire.send(LARGE)
        self.world.answer()
        wire.send(request())
        wire.read_on()
        bodies = [len(response.body) for response in wire.responses()]
        self.assertEqual(bodies, [4, 200_000, 11])

    def test_nothing_more(self) -> None:
        """A peer that had enough and goes away leaves nothing behind."""
        wire = self.world.connect(reads=False)
        wire.send(LARGE * 1000)
        wire.vanish()
        self.assertEqual(self.world.door.inside, [])


class TurnTests(SynchronousTestCase):
    """A peer that asks for much at once does not keep the others waiting."""

    def setUp(self) -> None:
        """Make a site, and have a transport read three requests of a peer at once."""
        self.world = World()
        self.other, self.wire = self.world.connect(), self.world.connect()
        self.wire.protocol.dataReceived(BUSY * 3)

    def test_one(self) -> None:
        """When one of them takes its time, the others' turn comes; the rest follows."""
        self.other.protocol.dataReceived(request("/size/2"))
        self.assertEqual(self.world.begun, ["/busy", "/size/2"])
        self.wire.go_on()
        self.assertEqual(len(self.wire.responses()), 3)

    def test_more(self) -> None:
        """What it sends meanwhile comes behind the rest."""
        self.wire.protocol.dataReceived(request("/size/1"))
        self.assertEqual(self.world.begun, ["/busy"])
        self.wire.send(request("/size/2"))
        expected = ["/busy"] * 3 + ["/size/1", "/size/2"]
        self.assertEqual(self.world.begun, expected)

    def test_body(self) -> None:
        """So does the body of its request, in pieces."""
        for piece in (request("/", "PATCH", b"12345")[:-3], b"34", b"5"):
            self.wire.protocol.dataReceived(piece)
        self.wire.go_on()
        self.assertEqual(self.wire.responses()[-1].body, b"=12345")

    def test_after_slow_one(self) -> None:
        """Requests behind one that is worked on have their turn behind it."""
        wire = self.world.connect()
        wire.protocol.dataReceived(request("/slow") + BUSY + request("/size/1"))
        self.world.answer()
        self.assertEqual(len(wire.responses()), 3)

    def test_little(self) -> None:
        """Little is read of it at once, since that can be a thousand headers."""
        self.assertEqual(self.wire.bufferSize, 4096)

    def test_alone(self) -> None:
        """A request without another one behind it does not hold the connection."""
        for _ in range(2):
            self.assertEqual(self.other.ask(BUSY).status, 200)

    def test_gone(self) -> None:
        """When it has gone, the rest is not begun."""
        self.wire.vanish()
        self.world.clock.advance(1)
        self.assertEqual(len(self.world.begun), 1)

    def test_ended(self) -> None:
        """Nor is it when the connection is ended from here."""
        self.wire.protocol.end()
        self.wire.go_on()
        self.assertEqual(len(self.world.begun), 1)
        self.assertEqual(len(self.wire.responses()), 1)
