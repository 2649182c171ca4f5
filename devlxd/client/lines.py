"""An answer without an end, line by line, in bounded memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.interfaces import IPushProducer
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure

from devlxd.client.body import TooLong

__all__ = ["Lines"]


class Lines(Protocol):
    """
    Gives lines to whoever asks, and stops reading while nobody does.

    What is kept is what came at once, and at the end a part of a line.

    :param limit: how many bytes of a line to keep while its end has not come.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._whole: list[bytes] = []
        self._parts: list[bytes] = []
        self._size = 0
        self._waiting: Deferred[Sequence[bytes]] | None = None
        self._paused = False
        self._over = False

    def take(self) -> Deferred[Sequence[bytes]]:
        """
        All lines that are there, as soon as there are any.  One asks for more when it
        has fired.

        :return: fires with no lines when there will be none any more, whatever the
            reason, and fails with `TooLong`.  A part of a line is none.
        """
        if self._whole:
            lines, self._whole = self._whole, []
            return succeed(lines)
        if self._is_long():
            return fail(TooLong())
        if self._over:
            return succeed(())
        self._waiting = Deferred()
        self._resume()
        return self._waiting

    def stop(self) -> None:
        """End the connection, if it is still there."""
        if not self._over:
            assert self.transport is not None
            self.transport.loseConnection()

    def dataReceived(self, data: bytes) -> None:
        """Some lines, or parts."""
        end = data.rfind(b"\n") + 1
        if end:
            lines = b"".join((*self._parts, data[:end]))
            self._whole += lines.split(b"\n")[:-1]
            self._parts, self._size = [], 0
        self._parts.append(data[end:])
        self._size += len(data) - end
        if self._is_long():
            self.stop()
        self._give()
        if self._whole:
            self._pause()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """There is no more."""
        self._over = True
        self._give()

    def _give(self) -> None:
        if self._waiting is not None and (self._whole or self._over or self._is_long()):
            waiting, self._waiting = self._waiting, None
            self.take().chainDeferred(waiting)

    def _is_long(self) -> bool:
        return self._size > self._limit

    def _pause(self) -> None:
        if not self._paused:
            self._paused = True
            cast(IPushProducer, self.transport).pauseProducing()

    def _resume(self) -> None:
        if self._paused:
            self._paused = False
            cast(IPushProducer, self.transport).resumeProducing()
