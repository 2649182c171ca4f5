"""The directory of all that is kept."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from attrs import define, field
from twisted.application.service import Service

from devlxd.errors import CannotStart
from devlxd.service.reason import reason

__all__ = ["StateDirectory"]


@define(eq=False)
class StateDirectory(Service):
    """
    The directory of all that is kept, for one service at a time.

    What guests are shown is a subdirectory, which is made once and never again, so that
    a mount of it outlives this service.

    :ivar shown: the name of that.
    """

    path: Path
    _shown: str = "devlxd"
    _lock: int | None = field(default=None, init=False)

    @property
    def database(self) -> Path:
        """Where the sqlite store is."""
        return self.path / "devlxd.db"

    @property
    def images(self) -> Path:
        """Where the files of images are."""
        return self.path / "images"

    @property
    def passing_images(self) -> Path:
        """Where they are that go with the process, since nothing else knows them."""
        return self.path / "passing-images"

    @property
    def guest_socket(self) -> Path:
        """Where guests connect."""
        return self.path / self._shown / "sock"

    @property
    def host_socket(self) -> Path:
        """Where operators connect, by the name that ``lxc`` looks for."""
        return self.path / "unix.socket"

    @property
    def instance_sockets(self) -> Path:
        """Where the sockets of single instances are, each in a directory of its own."""
        return self.path / "instances"

    def startService(self) -> None:
        """
        Make what is missing and take the directory for us.

        :raises CannotStart: when it cannot be made, or another service has it.
        """
        try:
            _make_directory(self.path, 0o711)
            _make_directory(self.guest_socket.parent, 0o755)
            self._lock = _locked(self.path / "lock")
        except OSError as error:
            raise CannotStart(reason(error, self.path)) from error
        super().startService()

    def stopService(self) -> None:
        """Leave the directory to the next one."""
        super().stopService()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _make_directory(path: Path, mode: int) -> None:
    """Make a directory with exactly this mode, unless it is there."""
    if not path.is_dir():
        path.mkdir(parents=True)
        path.chmod(mode)


def _locked(path: Path) -> int:
    """
    A descriptor on a file that is locked for as long as that is open, and that holds
    our pid.

    :raises CannotStart: when another process has locked it.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(descriptor, path.parent)
        os.ftruncate(descriptor, 0)
        os.write(descriptor, b"%d\n" % os.getpid())
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _lock(descriptor: int, directory: Path) -> None:
    try:
        # The kernel lets go of it when this process ends, however it does.
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(descriptor, 20).decode("ascii", "replace").strip()
        raise CannotStart(
            f"{directory}: in use by another devlxd (process {holder or 'unknown'})"
        ) from None
