"""Peers that ask faster than they read."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.web.case import request
from tests.web.wire import READ_SIZE
from tests.web.world import World

LARGE = request("/size/200000")


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
