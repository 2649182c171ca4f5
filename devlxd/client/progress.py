"""How far a long transfer is, for who sits at a terminal."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from io import UnsupportedOperation
from typing import TextIO

from attrs import Factory, define, field, frozen

__all__ = ["Pace", "Progress", "amount", "duration", "progress_line", "terminal_width"]

WIDTH = 80
"""Columns, where there is no terminal that says so."""

LEAST_BAR = 10
"""Columns of a bar that is worth drawing."""

_REDRAW = 0.2  # seconds between two drawings
_RECENT = 5.0  # seconds that the rate is taken over

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
_BACK = "\r\x1b[K"  # to the start of the line, which is blank then


def amount(size: float) -> str:
    """Bytes with at most four digits and a unit: ``1.5 GiB``."""
    unit = 0
    while size >= 1000 and unit < len(_UNITS) - 1:
        size, unit = size / 1024, unit + 1
    digits = 0 if unit == 0 or size >= 99.95 else 1
    return f"{size:.{digits}f} {_UNITS[unit]}"


def duration(seconds: float) -> str:
    """Seconds as a clock shows them: ``0:07``, ``12:40``, ``3:00:00``."""
    minutes, second = divmod(max(0, round(seconds)), 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour}:{minute:02}:{second:02}" if hour else f"{minute}:{second:02}"


@frozen
class Pace:
    """
    How far something is, and how fast it goes.

    :ivar done: bytes.
    :ivar total: bytes; ``None`` when nobody knows.
    :ivar rate: bytes a second.
    """

    done: int
    total: int | None
    rate: float

    @property
    def share(self) -> float | None:
        """What of all is done, from 0 to 1, if that can be told."""
        return min(1.0, self.done / self.total) if self.total else None

    @property
    def remaining(self) -> float | None:
        """Seconds that it will still take, if that can be told."""
        if self.total is None or self.rate <= 0:
            return None
        return max(0, self.total - self.done) / self.rate


def progress_line(pace: Pace, width: int = WIDTH) -> str:
    """
    One line, of at most *width* columns: the share and a bar as long as there is room,
    the bytes, the rate and the time that remains.
    """
    share, remaining = pace.share, pace.remaining
    words = [amount(pace.done), f"{amount(pace.rate)}/s"]
    if pace.total is not None:
        words[0] += f" of {amount(pace.total)}"
    if remaining is not None:
        words.append(f"{duration(remaining)} left")
    line = "  ".join(words)
    if share is not None:
        line = f"{share:4.0%}  {_bar(share, width - len(line) - 8)}{line}"
    return line[:width]


def _bar(share: float, room: int) -> str:
    inner = room - len("[]  ")
    if inner < LEAST_BAR:
        return ""
    return f"[{'=' * int(share * inner):{inner}}]  "


def terminal_width(out: TextIO) -> int:
    """How many columns a terminal has."""
    try:
        return os.get_terminal_size(out.fileno()).columns or WIDTH
    except (OSError, UnsupportedOperation):
        return WIDTH


@define(eq=False)
class Progress:
    """
    Draws how far a transfer is on a line of a terminal, and is silent elsewhere.

    What cannot be drawn is no fault of the transfer, so that nothing is raised.

    :ivar out: standard error, since standard output may be where the bytes go.
    :ivar seconds: a clock that never goes back, such as ``reactor.seconds``.
    """

    _out: TextIO
    _seconds: Callable[[], float]
    _done: int = field(init=False, default=0)
    _total: int | None = field(init=False, default=None)
    _drawn: float = field(init=False, default=0.0)
    # When it was drawn, and what was done then, the oldest first.
    _seen: deque[tuple[float, int]] = field(init=False, default=Factory(deque))
    _draws: bool = field(init=False, default=False)

    def start(self, total: int | None) -> None:
        """
        Begin.

        :param total: bytes of all of it; ``None`` when nobody knows.
        """
        self._total, self._done = total, 0
        self._drawn = self._seconds()
        self._seen = deque([(self._drawn, 0)])
        self._draws = self._out.isatty()

    def advance(self, size: int) -> None:
        """So many more bytes are done."""
        self._done += size
        if self._draws and self._seconds() - self._drawn >= _REDRAW:
            self._draw()

    def end(self) -> None:
        """It is over, well or not: the line is blank again.  May be called twice."""
        if self._draws:
            self._draws = False
            self._write(_BACK)

    def _draw(self) -> None:
        now = self._drawn = self._seconds()
        while len(self._seen) > 1 and now - self._seen[0][0] > _RECENT:
            self._seen.popleft()
        since, before = self._seen[0]
        self._seen.append((now, self._done))
        pace = Pace(self._done, self._total, (self._done - before) / (now - since))
        # The last column stays free: some terminals go to the next line behind it.
        self._write(_BACK + progress_line(pace, terminal_width(self._out) - 1))

    def _write(self, text: str) -> None:
        with suppress(OSError):
            self._out.write(text)
            self._out.flush()
