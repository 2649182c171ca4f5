"""
Hearing of what happens to files, from Linux: inotify(7).

What is read is a row of ``int wd; uint32 mask; uint32 cookie; uint32 len; char
name[len]``, the name filled up with NUL.

`twisted.internet.inotify` tells neither why a watch was refused nor that notifications
were lost, and closes itself when a directory goes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from ctypes import CDLL, get_errno
from pathlib import Path
from struct import Struct
from typing import Self

from attrs import define, frozen
from twisted.internet.interfaces import IReactorFDSet, IReadDescriptor
from twisted.python.failure import Failure
from zope.interface import implementer

__all__ = [
    "CLOSE_WRITE",
    "CREATE",
    "DELETE",
    "IGNORED",
    "LOST",
    "MODIFY",
    "MOVED_FROM",
    "MOVED_TO",
    "Inotify",
    "Notification",
]

# linux/inotify.h
MODIFY = 0x002
CLOSE_WRITE = 0x008
MOVED_FROM = 0x040
MOVED_TO = 0x080
CREATE = 0x100
DELETE = 0x200
LOST = 0x4000
IGNORED = 0x8000
_MASK_ADD = 0x20000000

_HEAD = Struct("iIII")
_MANY = 1 << 16

_libc = CDLL(None, use_errno=True)


@frozen
class Notification:
    """
    Something that happened.

    :ivar watch: the number of the watch; that of none when notifications were `LOST`.
    :ivar mask: what happened, as one of the constants here, and perhaps more bits.
    :ivar name: with what in the watched directory; empty for the watched file itself.
    """

    watch: int
    mask: int
    name: bytes = b""


@implementer(IReadDescriptor)
@define(eq=False)
class Inotify:
    """
    One queue of notifications.

    :ivar _notified: is told them, as they come, many at a time.
    """

    _descriptor: int
    _reactor: IReactorFDSet
    _notified: Callable[[Sequence[Notification]], object]

    @classmethod
    def opened(
        cls,
        reactor: IReactorFDSet,
        notified: Callable[[Sequence[Notification]], object],
    ) -> Self:
        """
        A new one, which is read from now on.

        :raises OSError: ``EMFILE`` when there are too many for this user, or too many
            open files in this process.
        """
        flags = os.O_NONBLOCK | os.O_CLOEXEC
        opened = cls(_checked(_libc.inotify_init1(flags)), reactor, notified)
        reactor.addReader(opened)
        return opened

    def add(self, path: Path, mask: int) -> int:
        """
        Hear of these things about a file or a directory, in addition to those that are
        heard of already.

        :return: the number of the watch: the same when it is the same file.
        :raises OSError: ``ENOSPC`` when there are too many for this user; ``EACCES``
            when we may not read it; ``ENOENT``.
        """
        place, mask = os.fsencode(path), mask | _MASK_ADD
        return _checked(
            _libc.inotify_add_watch(self._descriptor, place, mask), str(path)
        )

    def remove(self, watch: int) -> None:
        """Hear no more, if the kernel has not ended the watch itself."""
        _libc.inotify_rm_watch(self._descriptor, watch)

    def close(self) -> None:
        """End all watches."""
        self._reactor.removeReader(self)
        os.close(self._descriptor)

    def fileno(self) -> int:
        """What the reactor watches."""
        return self._descriptor

    def logPrefix(self) -> str:
        """What the reactor puts before lines about this."""
        return "Inotify"

    def doRead(self) -> None:
        """Tell what has happened up to now, if anything."""
        try:
            data = os.read(self._descriptor, _MANY)
        except BlockingIOError:
            return
        self._notified([*_parsed(data)])

    def connectionLost(self, reason: Failure) -> None:
        """The reactor stops."""


def _checked(outcome: int, *file: str) -> int:
    if outcome < 0:
        number = get_errno()
        raise OSError(number, os.strerror(number), *file)
    return outcome


def _parsed(data: bytes) -> Iterator[Notification]:
    start = 0
    while start < len(data):
        watch, mask, _, length = _HEAD.unpack_from(data, start)
        start += _HEAD.size
        yield Notification(watch, mask, data[start : start + length].rstrip(b"\0"))
        start += length
