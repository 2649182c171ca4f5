"""The directories that the sockets of instances are in."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from socket import AF_UNIX, socket

from attrs import frozen

from devlxd.model.names import InstanceName

__all__ = ["InstanceHomes"]

_SUN_PATH = 107
"""Bytes of a UNIX socket's path, unix(7)."""

_BACKLOG = 128

_DRAFT = ".sock"
"""Where sockets are made; no instance's directory is called so."""


@frozen
class InstanceHomes:
    """
    A directory for each instance that has a socket of its own, and that socket in it.

    Such a directory is made once, with a mode by which only our user may enter, and
    operators give it away as they like.  So nothing is done to what a name in there
    leads to: it may lead anywhere.

    Methods raise `OSError` when something cannot be done.

    :ivar path: of the directory that they are in.
    """

    path: Path

    def socket_of(self, name: InstanceName) -> Path:
        """Where the socket of an instance is."""
        return self._home(name) / "sock"

    def make(self) -> None:
        """Make the directory that they are in, which everybody may pass through."""
        _make_directory(self.path, 0o711)

    def others(self, names: Iterable[InstanceName]) -> Iterator[Path]:
        """The directories that are there and are of none of these instances."""
        known = {self._home(name) for name in names}
        for path in sorted(self.path.iterdir()):
            if path not in known and stat.S_ISDIR(path.lstat().st_mode):
                yield path

    def listen(self, name: InstanceName) -> socket:
        """
        A socket that listens for an instance, in the place of the one that may be
        there.  Whoever may enter its directory may connect.
        """
        path = self.socket_of(name)
        if len(bytes(path)) > _SUN_PATH:
            raise OSError(f"the path of its socket would exceed {_SUN_PATH} bytes")
        _make_directory(path.parent, 0o700)
        made = socket(AF_UNIX)
        try:
            made.setblocking(False)
            self._put(made, path)
            # Not before, since everybody may pass through where it was made.
            made.listen(_BACKLOG)
        except BaseException:
            made.close()
            raise
        return made

    def remove_socket(self, name: InstanceName) -> None:
        """Remove the socket of an instance, if it has one."""
        _remove_socket(self.socket_of(name))

    def remove(self, name: InstanceName) -> None:
        """Remove the directory of an instance, and the socket in it."""
        self.clear(self._home(name))

    def clear(self, home: Path) -> None:
        """Remove such a directory, and the socket in it."""
        _remove_socket(home / "sock")
        with suppress(FileNotFoundError):
            home.rmdir()

    def move(self, old: InstanceName, new: InstanceName) -> None:
        """Let the directory of an instance be that of another name, if it is there."""
        with suppress(FileNotFoundError):
            self._home(old).rename(self._home(new))

    def _home(self, name: InstanceName) -> Path:
        # A project has no underscore in its name.
        return self.path / f"{name.project}_{name.name}"

    def _put(self, made: socket, path: Path) -> None:
        """Bind a socket here, where nobody else may write, and bring it there."""
        draft = self.path / _DRAFT
        draft.unlink(missing_ok=True)
        made.bind(str(draft))
        draft.chmod(0o666)
        with suppress(FileNotFoundError):
            _check_socket(path)
        draft.rename(path)


def _make_directory(path: Path, mode: int) -> None:
    """Make a directory with exactly this mode, unless it is there."""
    with suppress(FileExistsError):
        path.mkdir()
        path.chmod(mode)


def _remove_socket(path: Path) -> None:
    with suppress(FileNotFoundError):
        _check_socket(path)
        path.unlink()


def _check_socket(path: Path) -> None:
    if not stat.S_ISSOCK(os.lstat(path).st_mode):
        raise OSError(f"{path}: is there, and is no socket")
