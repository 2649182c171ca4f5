"""
One timer for many beats.

A looping call for each WebSocket would be a timer, a Deferred and a kibibyte for each.
As all of them beat at the same interval, who has just been asked is due last, and to
look at the first of a queue is enough.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from attrs import Factory, define, field
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger

__all__ = ["Heartbeat"]


@define(eq=False)
class Heartbeat:
    """
    Calls each of its members once in an interval.

    :ivar interval: in seconds.
    """

    _log = Logger()

    _clock: IReactorTime
    _interval: float
    _due: OrderedDict[Callable[[], None], float] = field(
        init=False, default=Factory(OrderedDict)
    )
    _timer: IDelayedCall | None = field(init=False, default=None)

    def add(self, beat: Callable[[], None]) -> None:
        """Call something from now on, an interval from now for the first time."""
        self._due[beat] = self._clock.seconds() + self._interval
        if self._timer is None:
            self._wind_up()

    def remove(self, beat: Callable[[], None]) -> None:
        """Call it no more; it does no harm if it is not called."""
        self._due.pop(beat, None)
        if not self._due and self._timer is not None:
            timer, self._timer = self._timer, None
            timer.cancel()

    def _wind_up(self) -> None:
        first = next(iter(self._due.values()))
        delay = max(first - self._clock.seconds(), 0.0)
        self._timer = self._clock.callLater(delay, self._beat)

    def _beat(self) -> None:
        self._timer = None
        now = self._clock.seconds()
        for beat in self._those_due(now):
            # One that was called before may have removed it.
            if beat in self._due:
                self._due[beat] = now + self._interval
                self._due.move_to_end(beat)
                self._call(beat)
        if self._due and self._timer is None:
            self._wind_up()

    def _call(self, beat: Callable[[], None]) -> None:
        try:
            beat()
        except Exception:
            self._log.failure("A beat has failed")

    def _those_due(self, now: float) -> list[Callable[[], None]]:
        due = []
        for beat, time in self._due.items():
            if time > now:
                break
            due.append(beat)
        return due
