"""A log that strangers can make grow, but slowly."""

from __future__ import annotations

from collections.abc import Callable

from attrs import define, field
from twisted.logger import Logger

SILENCE = 60.0
"""Seconds between two lines."""


@define(eq=False)
class SparingLog:
    """
    Writes one line a minute, and how many it left out.

    ``twistd`` keeps every line of every level, so that who can cause a line for each
    connection could fill the disk.

    :ivar seconds: a clock.
    """

    _log: Logger
    _seconds: Callable[[], float]
    _silent_until: float = field(init=False, default=float("-inf"))
    _left_out: int = field(init=False, default=0)

    def info(self, text: str, **fields: object) -> None:
        """Write a line, unless it is too early for one."""
        now = self._seconds()
        if now < self._silent_until:
            self._left_out += 1
            return
        self._silent_until = now + SILENCE
        left_out, self._left_out = self._left_out, 0
        if left_out:
            text += " ({left_out} more such lines were left out)"
        self._log.info(text, left_out=left_out, **fields)
