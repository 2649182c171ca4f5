"""When to try again, and when not."""

from __future__ import annotations

import random
from collections.abc import Callable

from attrs import define, field, frozen
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater

from devlxd.client.failures import (
    BadAnswer,
    NotASocket,
    NotPermitted,
    PathTooLong,
    ServiceFailure,
)
from devlxd.errors import NotImplementedHere, Refusal

__all__ = ["Backoff", "Retries", "heals"]


@frozen
class Backoff:
    """
    How long to wait before each new attempt: at random, so that not all guests of a
    host come back to it at once, within a range that doubles each time.

    :ivar shortest: seconds, where each range begins.
    :ivar longest: seconds, beyond which no range goes.
    :ivar chance: a number from 0 to 1, another one each time.
    """

    shortest: float = 0.1
    longest: float = 5.0
    chance: Callable[[], float] = random.random

    def widened(self, range_: float) -> float:
        """Where the range ends that comes after the one that ends there."""
        return min(range_ * 2, self.longest)

    def delay(self, range_: float) -> float:
        """A time out of the range that ends there, in seconds."""
        return self.shortest + (range_ - self.shortest) * self.chance()


def heals(failure: Refusal | ServiceFailure, known: bool) -> bool:
    """
    Whether it may help to wait.

    :param known: whether the service was there before.
    """
    if isinstance(failure, Refusal):
        return failure.status >= 500 and not isinstance(failure, NotImplementedHere)
    if isinstance(failure, NotPermitted):
        # A service that starts makes its socket first, and permits then.
        return known
    return not isinstance(failure, NotASocket | PathTooLong | BadAnswer)


@define(eq=False)
class Retries:
    """
    Waits after failures.

    :ivar patience: seconds without the service after which not to wait any more;
        ``None`` for never.
    :ivar notice: is told of each failure that is waited out, once for as long as
        attempts go on to fail with it.
    """

    _clock: IReactorTime
    _backoff: Backoff
    _patience: float | None
    _notice: Callable[[Exception], object]
    _range: float = field(init=False)
    _known: bool = field(init=False, default=False)
    _gone_at: float | None = field(init=False, default=None)
    _noticed: str | None = field(init=False, default=None)

    def __attrs_post_init__(self) -> None:
        self._range = self._backoff.shortest

    def connected(self) -> None:
        """The service is there."""
        self._known = True
        self._gone_at = None

    def served(self) -> None:
        """It did what it is there for."""
        self._range = self._backoff.shortest
        self._noticed = None

    async def wait(self, failure: Refusal | ServiceFailure) -> None:
        """
        Wait until it is time to try again.

        :raises Refusal: this one, when it is not to be waited out.
        :raises ServiceFailure: likewise.
        """
        self._range = self._backoff.widened(self._range)
        delay = self._backoff.delay(self._range)
        if not heals(failure, self._known) or self._exhausted(delay):
            raise failure
        if str(failure) != self._noticed:
            self._noticed = str(failure)
            self._notice(failure)
        await deferLater(self._clock, delay)

    def _exhausted(self, delay: float) -> bool:
        """Whether patience will be over before the next attempt."""
        now = self._clock.seconds()
        if self._gone_at is None:
            self._gone_at = now
        if self._patience is None:
            return False
        return now + delay - self._gone_at > self._patience
