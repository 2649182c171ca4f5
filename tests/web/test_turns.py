"""Tests for `devlxd.web.turns`."""

from __future__ import annotations

from functools import partial

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from devlxd.web.turns import Turns


class TurnsTests(SynchronousTestCase):
    """Visitors that are worked for."""

    def setUp(self) -> None:
        """Work for nobody yet."""
        self.clock = Clock()
        self.turns = Turns(self.clock)
        self.done: list[str] = []

    def do(self, what: str, seconds: float = 0.001) -> None:
        """Take some time over something."""
        self.clock.rightNow += seconds
        self.done.append(what)

    def work(self, visitor: str, seconds: float) -> None:
        """Work for a visitor."""
        self.turns.work(visitor, partial(self.do, visitor, seconds))

    def wait(self, visitor: str, what: str, seconds: float = 0.001) -> None:
        """Have something done for it later."""

        def go_on() -> None:
            self.turns.work(visitor, partial(self.do, what, seconds))

        self.turns.wait(visitor, go_on)

    def test_share(self) -> None:
        """A visitor's turn is over when it has had its share, and nobody else's is."""
        self.work("red", 0.001)
        self.assertFalse(self.turns.is_over("red"))
        self.work("red", 0.0015)
        self.assertTrue(self.turns.is_over("red"))
        self.assertFalse(self.turns.is_over("blue"))

    def test_meanwhile(self) -> None:
        """What is being done counts, too."""

        def do() -> None:
            self.assertFalse(self.turns.is_over("red"))
            self.clock.rightNow += 1
            self.turns.work("red", partial(self.do, "more", 0))
            self.assertTrue(self.turns.is_over("red"))
            self.assertFalse(self.turns.is_over("blue"))

        self.turns.work("red", do)
        self.assertEqual(self.done, ["more"])

    def test_failure(self) -> None:
        """So does what fails."""

        def fail() -> None:
            self.clock.rightNow += 1
            raise ValueError

        self.assertRaises(ValueError, self.turns.work, "red", fail)
        self.assertTrue(self.turns.is_over("red"))
        self.work("blue", 0)
        self.assertEqual(self.done, ["blue"])

    def test_period(self) -> None:
        """When nobody had to wait, a visitor has another share soon."""
        self.work("red", 0.003)
        self.clock.rightNow += 0.01
        self.work("blue", 0)
        self.assertFalse(self.turns.is_over("red"))

    def test_order(self) -> None:
        """In each turn each visitor has its share of what waits, in order."""
        for number in range(6):
            self.wait("red", f"red {number}")
        self.wait("blue", "blue")
        self.clock.advance(0)
        rest = [f"red {number}" for number in range(2, 6)]
        self.assertEqual(self.done, ["red 0", "red 1", "blue", *rest])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_again(self) -> None:
        """What comes to wait in a turn waits behind what had waited before."""

        def again() -> None:
            self.turns.work("red", partial(self.do, "first", 1))
            self.wait("red", "again")

        self.turns.wait("red", again)
        self.wait("red", "second")
        self.clock.advance(0)
        self.assertEqual(self.done, ["first", "second", "again"])
