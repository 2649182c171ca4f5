"""
Who is worked for next.

A reactor does whatever its connections bring, in any order, so that one visitor with
many connections would have most of its time.  Therefore each visitor has a share of
each turn of the reactor, and goes on in the next one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from attrs import define, field
from twisted.internet.interfaces import IReactorTime

__all__ = ["Turns"]

_SHARE = 0.002
"""Seconds of work that a visitor may have of a turn; what has begun is finished."""

_PERIOD = 0.01
"""Seconds after which it has another share, if nobody had to wait."""


@define(eq=False)
class Turns:
    """
    The work for all visitors.

    :ivar spent: seconds that each visitor has had of this turn.
    :ivar waiting: what is to be done for each in later turns.
    :ivar working: who is worked for, and since when.
    """

    _clock: IReactorTime
    _spent: dict[object, float] = field(factory=dict, init=False)
    _waiting: dict[object, deque[Callable[[], object]]] = field(
        factory=dict, init=False
    )
    _working: tuple[object, float] | None = field(default=None, init=False)
    _began: float = field(default=0.0, init=False)
    _called: bool = field(default=False, init=False)

    def is_over(self, visitor: object) -> bool:
        """Whether a visitor has had its share."""
        spent = self._spent.get(visitor, 0.0)
        if self._working is not None and self._working[0] == visitor:
            spent += self._clock.seconds() - self._working[1]
        return spent >= _SHARE

    def work(self, visitor: object, do: Callable[[], object]) -> None:
        """Do something for a visitor, which counts."""
        if self._working is not None:
            do()
            return
        now = self._clock.seconds()
        if now - self._began >= _PERIOD and not self._waiting:
            self._begin(now)
        self._working = visitor, now
        try:
            do()
        finally:
            self._working = None
            spent = self._clock.seconds() - now
            self._spent[visitor] = self._spent.get(visitor, 0.0) + spent

    def wait(self, visitor: object, go_on: Callable[[], object]) -> None:
        """Have something done when the visitor has its next turn."""
        self._waiting.setdefault(visitor, deque()).append(go_on)
        self._call()

    def _call(self) -> None:
        if not self._called:
            self._called = True
            self._clock.callLater(0, self._next)

    def _begin(self, now: float) -> None:
        self._spent.clear()
        self._began = now

    def _next(self) -> None:
        """Let each visitor have its share of the next turn."""
        self._called = False
        self._begin(self._clock.seconds())
        waiting, self._waiting = self._waiting, {}
        for visitor, queue in waiting.items():
            while queue and not self.is_over(visitor):
                queue.popleft()()
            if queue:
                # What has come to wait meanwhile waits behind them.
                queue.extend(self._waiting.pop(visitor, ()))
                self._waiting[visitor] = queue
                self._call()
