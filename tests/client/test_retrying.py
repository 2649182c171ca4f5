"""Tests of devlxd.client.retrying."""

from __future__ import annotations

import itertools
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from devlxd.client.failures import (
    BadAnswer,
    ConnectionRefused,
    NoSocket,
    NotASocket,
    NotPermitted,
    PathTooLong,
    Refused,
    ServiceFailure,
    StreamEnded,
    TimedOut,
)
from devlxd.client.retrying import Backoff, Retries, heals
from devlxd.errors import (
    BadRequest,
    Forbidden,
    NotFound,
    NotImplementedHere,
    NotInContainer,
    Refusal,
    TooManyConnections,
    Unauthorized,
)

LATE = Backoff(chance=lambda: 1.0)
"""Waits as long as it may."""

GONE = NoSocket("/s")


class HealsTests(SynchronousTestCase):
    """What it helps to wait for."""

    def test_temporary(self) -> None:
        """A service may come back, and be less busy."""
        for failure in (
            *(GONE, ConnectionRefused("/s"), TimedOut("/s"), StreamEnded("/s")),
            *(NotInContainer(), TooManyConnections(), Refused(502, None)),
        ):
            self.assertTrue(heals(failure, known=False), failure)

    def test_final(self) -> None:
        """A refusal for a reason stays one, and what is no service becomes none."""
        for failure in (
            *(BadRequest(), Unauthorized(), Forbidden(), NotFound(), Refused(418, "")),
            *(NotImplementedHere(), NotASocket("/s"), PathTooLong("/s")),
            BadAnswer("/s"),
        ):
            self.assertFalse(heals(failure, known=True), failure)

    def test_not_permitted(self) -> None:
        """Who may not connect need not wait, unless it was allowed before."""
        self.assertFalse(heals(NotPermitted("/s"), known=False))
        self.assertTrue(heals(NotPermitted("/s"), known=True))


class RetriesTests(SynchronousTestCase):
    """Waits."""

    def setUp(self) -> None:
        """Take notice of everything."""
        self.clock = Clock()
        self.noticed: list[object] = []

    def retries(
        self, patience: float | None = None, backoff: Backoff = LATE
    ) -> Retries:
        """With this patience."""
        return Retries(self.clock, backoff, patience, self.noticed.append)

    def waiting(
        self, retries: Retries, failure: Refusal | ServiceFailure = GONE
    ) -> Deferred[None]:
        """Wait after a failure."""
        return Deferred.fromCoroutine(retries.wait(failure))

    def waited(self, retries: Retries, failure: Any = GONE) -> float:
        """How long one waits after a failure."""
        waiting = self.waiting(retries, failure)
        (call,) = self.clock.getDelayedCalls()
        delay: float = call.getTime() - self.clock.seconds()
        self.assertNoResult(waiting)
        self.clock.advance(delay)
        self.successResultOf(waiting)
        return round(delay, 6)

    def test_longer(self) -> None:
        """Each wait may be twice as long as the one before, up to a bound."""
        retries = self.retries()
        waits = [self.waited(retries) for _ in range(7)]
        self.assertEqual(waits, [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0])

    def test_for_ever(self) -> None:
        """However long a service is away, it is waited for."""
        retries = self.retries()
        for _ in range(2000):
            self.waited(retries)

    def test_chance(self) -> None:
        """A wait is anywhere between the shortest and what it may be."""
        for chance, waits in ((0.0, [0.1, 0.1, 0.1]), (0.5, [0.15, 0.25, 0.45])):
            always = itertools.repeat(chance)
            retries = self.retries(backoff=Backoff(chance=always.__next__))
            self.assertEqual([self.waited(retries) for _ in range(3)], waits)

    def test_served(self) -> None:
        """Who was served waits as briefly as in the beginning."""
        retries = self.retries()
        self.waited(retries)
        retries.connected()
        self.assertEqual(self.waited(retries), 0.4)
        retries.served()
        self.assertEqual(self.waited(retries), 0.2)

    def test_final(self) -> None:
        """What does not heal is not waited out."""
        failure = Forbidden()
        waiting = self.waiting(self.retries(), failure)
        self.assertIs(self.failureResultOf(waiting).value, failure)
        self.assertEqual(self.noticed, [])

    def test_known(self) -> None:
        """Who was connected may not be permitted for a while."""
        retries = self.retries()
        self.failureResultOf(self.waiting(retries, NotPermitted("/s")), NotPermitted)
        retries.connected()
        self.waited(retries, NotPermitted("/s"))

    def test_patience(self) -> None:
        """No wait is begun that would end after one's patience."""
        retries = self.retries(1.5)
        for _ in range(3):  # 0.2 + 0.4 + 0.8
            self.waited(retries)
        self.assertIs(self.failureResultOf(self.waiting(retries)).value, GONE)

    def test_no_patience(self) -> None:
        """Without any patience the first failure counts."""
        self.failureResultOf(self.waiting(self.retries(0)), NoSocket)

    def test_patience_again(self) -> None:
        """Patience is there again once the service was."""
        retries = self.retries(0.7)
        self.waited(retries)
        self.waited(retries)
        retries.connected()
        retries.served()
        self.clock.advance(1000)
        self.waited(retries)

    def test_notice(self) -> None:
        """Of a failure that lasts, one takes notice once, until one was served."""
        retries = self.retries()
        other = StreamEnded("/s")
        for failure in (GONE, NoSocket("/s"), other, other, GONE):
            self.waited(retries, failure)
        self.assertEqual(self.noticed, [GONE, other, GONE])
        retries.served()
        self.waited(retries)
        self.assertEqual(self.noticed, [GONE, other, GONE, GONE])

    def test_cancelled(self) -> None:
        """Who does not want to wait leaves no timer."""
        waiting = self.waiting(self.retries())
        waiting.cancel()
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.failureResultOf(waiting)
