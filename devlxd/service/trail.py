"""The way that leads to a file."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from attrs import define, field

from devlxd.service.inotify import (
    CLOSE_WRITE,
    CREATE,
    DELETE,
    IGNORED,
    LOST,
    MODIFY,
    MOVED_FROM,
    MOVED_TO,
    Inotify,
    Notification,
)

__all__ = ["WatchedTrail", "trail"]

_ROOT = Path("/")

_MOST_LINKS = 40
"""As many as Linux follows, path_resolution(7)."""

_IN_DIRECTORIES = CREATE | DELETE | MOVED_FROM | MOVED_TO | CLOSE_WRITE
_OF_THE_FILE = MODIFY | CLOSE_WRITE

_NONE = -1


def trail(path: Path) -> Iterator[tuple[Path, bytes]]:
    """
    Each name that is looked up on the way to a file, with the directory that it is
    looked up in.  Links are followed.  The last one is that of the file itself, or of
    what is not there.

    A name is given *before* it is looked up, so that whoever watches the directory when
    it is given one misses nothing.

    :param path: an absolute one.
    """
    here, left, links = _ROOT, _reversed_names(path), 0
    while left and links <= _MOST_LINKS:
        name = left.pop()
        if name == "..":
            here = here.parent
            continue
        yield here, os.fsencode(name)
        try:
            target = _target(here / name)
        except OSError:
            return
        if target is None:
            here /= name
        else:
            links += 1
            left += _reversed_names(target)
            here = _ROOT if target.is_absolute() else here


def _reversed_names(path: Path) -> list[str]:
    return list(reversed(path.relative_to(path.anchor).parts))


def _target(path: Path) -> Path | None:
    """
    Where a link leads; ``None`` for a directory.

    :raises OSError: when it is neither, or cannot be told.
    """
    if stat.S_ISDIR(path.lstat().st_mode):
        return None
    return path.readlink()


@define(eq=False)
class WatchedTrail:
    """
    Watches on all directories of a trail, and on the file that it leads to.

    The directories tell what becomes of names, and when a file is closed that was not
    there a moment ago; the file tells of writing, be it under another name.

    :ivar path: of the file.
    """

    _inotify: Inotify
    path: Path
    _names: dict[int, set[bytes]] = field(factory=dict, init=False)
    _last: tuple[int, bytes] | None = field(default=None, init=False)
    _file: int = field(default=_NONE, init=False)

    def place(self) -> None:
        """
        Watch the trail as it is now, and nothing that has left it.

        :raises OSError: when its last directory cannot be watched.
        """
        before = {*self._names, self._file}
        self._names, self._file, refusal = {}, _NONE, None
        for directory, name in trail(self.path):
            # Those that we may enter, but not read, hardly ever change.
            refusal = self._watch(directory, name)
        with suppress(OSError):
            self._file = self._inotify.add(self.path, _OF_THE_FILE)
        for watch in before - {*self._names, self._file}:
            self._inotify.remove(watch)
        if refusal is not None:
            raise refusal

    def concerns(self, notification: Notification) -> bool:
        """Whether something happened to the file, or on the way to it."""
        watch, mask = notification.watch, notification.mask
        if mask & LOST or watch == self._file:
            return True
        names = self._names.get(watch, ())
        return notification.name in names or bool(names and mask & IGNORED)

    def is_last(self, notification: Notification) -> bool:
        """Whether it is about the last name, and no directory or link before it."""
        return (notification.watch, notification.name) == self._last

    def _watch(self, directory: Path, name: bytes) -> OSError | None:
        """
        :return: why that is not possible, unless it is that the directory has gone,
            which the one that it was in tells.
        """
        self._last = None
        try:
            watch = self._inotify.add(directory, _IN_DIRECTORIES)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            return error
        self._last = watch, name
        self._names.setdefault(watch, set()).add(name)
        return None
