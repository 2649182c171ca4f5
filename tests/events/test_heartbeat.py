"""One timer for many beats."""

from __future__ import annotations

from functools import partial

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from devlxd.events.heartbeat import Heartbeat


class HeartbeatTests(SynchronousTestCase):
    """Who is called, and when."""

    def setUp(self) -> None:
        """Nobody is a member yet."""
        self.clock = Clock()
        self.heartbeat = Heartbeat(self.clock, 10.0)
        self.told: list[tuple[float, str]] = []

    def beat(self, name: str) -> None:
        """Note who is called, and when."""
        self.told.append((self.clock.seconds(), name))

    def test_each_at_its_time(self) -> None:
        """Each is called an interval after it came, and then at every interval."""
        self.heartbeat.add(partial(self.beat, "a"))
        self.clock.advance(3)
        self.heartbeat.add(partial(self.beat, "b"))
        self.clock.pump([1.0] * 22)
        self.assertEqual(self.told, [(10, "a"), (13, "b"), (20, "a"), (23, "b")])

    def test_one_timer(self) -> None:
        """However many there are, there is one timer, and none without any."""
        beats = [partial(self.beat, str(number)) for number in range(100)]
        for beat in beats:
            self.heartbeat.add(beat)
        self.assertEqual(len(self.clock.getDelayedCalls()), 1)
        self.clock.advance(10)
        self.assertEqual(len(self.told), 100)
        self.assertEqual(len(self.clock.getDelayedCalls()), 1)
        for beat in beats:
            self.heartbeat.remove(beat)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_removed(self) -> None:
        """Who was removed is not called, and may be removed again."""
        beat = partial(self.beat, "a")
        self.heartbeat.add(beat)
        self.heartbeat.add(partial(self.beat, "b"))
        self.heartbeat.remove(beat)
        self.heartbeat.remove(beat)
        self.clock.advance(10)
        self.assertEqual(self.told, [(10, "b")])

    def test_removed_meanwhile(self) -> None:
        """One that is called may remove others that are due, and be the last."""

        def first() -> None:
            self.heartbeat.remove(second)
            self.heartbeat.remove(first)

        second = partial(self.beat, "b")
        self.heartbeat.add(first)
        self.heartbeat.add(second)
        self.clock.advance(10)
        self.assertEqual(self.told, [])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_added_meanwhile(self) -> None:
        """One that is called may add another, which has a timer, too."""
        beat = partial(self.beat, "b")

        def first() -> None:
            self.heartbeat.remove(first)
            self.heartbeat.add(beat)

        self.heartbeat.add(first)
        self.clock.advance(10)
        self.clock.advance(10)
        self.assertEqual(self.told, [(20, "b")])
        self.assertEqual(len(self.clock.getDelayedCalls()), 1)

    def test_fault(self) -> None:
        """One that fails disturbs no other."""
        self.heartbeat.add(lambda: self.fail("on purpose"))
        self.heartbeat.add(partial(self.beat, "b"))
        self.clock.advance(10)
        self.clock.advance(10)
        self.assertEqual(self.told, [(10, "b"), (20, "b")])
        self.assertEqual(len(self.flushLoggedErrors(self.failureException)), 2)

    def test_late(self) -> None:
        """A timer that is late calls once for what it missed."""
        self.heartbeat.add(partial(self.beat, "a"))
        self.clock.advance(35)
        self.clock.advance(9)
        self.assertEqual(self.told, [(35, "a")])
        self.clock.advance(1)
        self.assertEqual(self.told, [(35, "a"), (45, "a")])
