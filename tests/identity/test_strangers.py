"""Tests for `devlxd.identity.strangers`."""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from devlxd.identity.namespaces import Namespace
from devlxd.identity.strangers import MEMORY, MOST, Strangers

ONE = Namespace(1, 1)


class StrangersTests(SynchronousTestCase):
    """Strangers are remembered for a short time."""

    def setUp(self) -> None:
        """Know nobody."""
        self.clock = Clock()
        self.strangers = Strangers(self.clock.seconds)

    def test_time(self) -> None:
        """One is remembered for a while, from the last time that it was added."""
        self.assertNotIn(ONE, self.strangers)
        self.strangers.add(ONE)
        self.clock.advance(MEMORY * 0.75)
        self.assertIn(ONE, self.strangers)
        self.strangers.add(ONE)
        self.clock.advance(MEMORY * 0.75)
        self.assertIn(ONE, self.strangers)
        self.clock.advance(MEMORY * 0.25)
        self.assertNotIn(ONE, self.strangers)

    def test_bound(self) -> None:
        """Of very many the oldest are forgotten."""
        for inode in range(MOST * 2):
            self.strangers.add(Namespace(2, inode))
        self.assertEqual(len(self.strangers), MOST)
        self.assertNotIn(Namespace(2, MOST - 1), self.strangers)
        self.assertIn(Namespace(2, MOST), self.strangers)
