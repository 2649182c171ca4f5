"""Results that are there before the reactor runs."""

from __future__ import annotations

from twisted.internet.defer import Deferred, fail, succeed
from twisted.trial.unittest import SynchronousTestCase

from devlxd.errors import CannotStart
from devlxd.service.atonce import at_once


class AtOnceTests(SynchronousTestCase):
    """`at_once` takes a result out of a Deferred."""

    def test_result(self) -> None:
        """The result is given, be it ``None``."""
        self.assertEqual(at_once(succeed(5)), 5)
        self.assertIsNone(at_once(succeed(None)))

    def test_failure(self) -> None:
        """A failure is raised."""
        self.assertRaises(ZeroDivisionError, at_once, fail(ZeroDivisionError()))

    def test_not_yet(self) -> None:
        """What takes time keeps the service from starting."""
        waiting: Deferred[None] = Deferred()
        self.assertRaises(CannotStart, at_once, waiting)
