"""Hearing that a file may have been edited."""

from __future__ import annotations

import errno
from collections.abc import Callable, Sequence
from pathlib import Path

from attrs import define, field
from twisted.internet.interfaces import IReactorFDSet
from twisted.logger import Logger

from devlxd.service.inotify import CLOSE_WRITE, CREATE, MODIFY, Inotify, Notification
from devlxd.service.reason import reason
from devlxd.service.trail import WatchedTrail

__all__ = ["FileWatch"]

_REMEDIES = {
    errno.EMFILE: "; raise fs.inotify.max_user_instances with sysctl, or LimitNOFILE",
    errno.ENOSPC: "; raise fs.inotify.max_user_watches with sysctl",
}


@define(eq=False)
class FileWatch:
    """
    Hears of all that may make another content of a file: of an editor's new file under
    the old name, of one that comes back, of a link on the way that is switched, and of
    writing in place.

    Where that is not possible it says so in the log, and hears of nothing.

    :ivar path: absolute.
    :ivar _changed: is called when there may be something new to read, mostly more than
        once.
    :ivar is_written: whether somebody is writing in place and has not closed the file.
        *changed* is called when that is over.
    :ivar writings: counts up while somebody does.
    """

    path: Path
    _reactor: IReactorFDSet
    _changed: Callable[[], object]
    is_written: bool = field(default=False, init=False)
    writings: int = field(default=0, init=False)
    _inotify: Inotify | None = field(default=None, init=False)
    _trail: WatchedTrail = field(init=False)

    _log = Logger()

    def start(self) -> None:
        """Watch from now on."""
        try:
            self._inotify = Inotify.opened(self._reactor, self._hear)
            self._trail = WatchedTrail(self._inotify, self.path)
            self._trail.place()
        except OSError as error:
            self._complain(error)

    def stop(self) -> None:
        """Watch no more."""
        if self._inotify is not None:
            self._inotify.close()
            self._inotify = None

    def catch_up(self) -> None:
        """Hear of what has happened up to now."""
        if self._inotify is not None:
            self._inotify.doRead()

    def _hear(self, notifications: Sequence[Notification]) -> None:
        concerning = [*filter(self._trail.concerns, notifications)]
        if any(not _is_writing(each) for each in concerning):
            self._place()
        changes = [self._is_change(each) for each in concerning]
        if any(changes):
            self._changed()

    def _is_change(self, notification: Notification) -> bool:
        """Note what has happened; whether the content may be another than before."""
        begun = bool(notification.mask & MODIFY) or self._is_begun(notification)
        self.is_written = begun
        self.writings += begun
        return not begun

    def _is_begun(self, notification: Notification) -> bool:
        """
        Whether there is a new file that somebody is going to write and close.  One with
        several names was made elsewhere and is ready.  In a new directory or behind a
        new link nobody knows, but an empty one would mean that all is to be deleted.
        """
        if not notification.mask & CREATE:
            return False
        try:
            status = self.path.stat()
        except OSError:
            return False
        is_alone = self._trail.is_last(notification) and status.st_nlink == 1
        return is_alone or status.st_size == 0

    def _place(self) -> None:
        try:
            self._trail.place()
        except OSError as error:
            self._complain(error)

    def _complain(self, error: OSError) -> None:
        self._log.warn(
            "{file}: edits are not followed: {reason}{remedy}",
            file=str(self.path),
            reason=reason(error),
            remedy=_REMEDIES.get(error.errno or 0, ""),
        )


def _is_writing(notification: Notification) -> bool:
    return bool(notification.mask & (MODIFY | CLOSE_WRITE))
