"""
Whether somebody reads the output.

Who has nothing to write does not find out by writing, and a shell waits for all that it
has put into a pipeline: ``devlxd events | head -n 1`` would last until the second
event.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Coroutine
from stat import S_ISFIFO
from typing import Any, BinaryIO

from attrs import define
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IReactorFDSet, IReadDescriptor
from twisted.python.failure import Failure
from zope.interface import implementer

from devlxd.client.show import ReaderGone

__all__ = ["while_read"]


@implementer(IReadDescriptor)
@define(eq=False)
class Hangup:
    """
    Notices that the other end of a pipe was closed.

    :ivar closed: whether it was.
    """

    _pipe: int
    _then: Callable[[], object]
    closed: bool = False

    def fileno(self) -> int:
        """The end that is ours."""
        return self._pipe

    def logPrefix(self) -> str:
        """What it is called in a log."""
        return "output"

    def doRead(self) -> None:
        """Nothing can be read from the end that one writes to."""

    def connectionLost(self, reason: Failure) -> None:
        """The other end was closed."""
        self.closed = True
        self._then()


def is_pipe(out: BinaryIO) -> bool:
    """Whether this is the end of a pipe that one writes to, and nothing else."""
    try:
        number = out.fileno()
        # Some have opened one for both, and would read what they write.
        access = fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE
        return S_ISFIFO(os.fstat(number).st_mode) and access == os.O_WRONLY
    except OSError:
        return False


async def while_read(
    reactor: IReactorFDSet, out: BinaryIO, work: Coroutine[Any, Any, None]
) -> None:
    """
    Do some work for as long as somebody reads the output, if it is a pipe.

    :raises ReaderGone: when nobody does any more.
    """
    if not is_pipe(out):
        await work
        return
    doing = Deferred.fromCoroutine(work)
    hangup = Hangup(out.fileno(), doing.cancel)
    reactor.addReader(hangup)
    try:
        await doing
    except CancelledError as error:
        if hangup.closed:
            raise ReaderGone from error
        raise
    finally:
        reactor.removeReader(hangup)
