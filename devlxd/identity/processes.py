"""
What ``/proc`` says of a process, and whether it said it of that very process.

A number names another process once the first has ended.  So the pidfd of the process
is asked *after* each reading: if it lives still, the number was its own all along.
"""

from __future__ import annotations

import os
import re
import select
from errno import ESRCH
from pathlib import Path
from stat import S_ISGID, S_ISUID
from uuid import UUID

from attrs import frozen

__all__ = [
    "Process",
    "Program",
    "lives",
    "own_pid_of_namespace",
    "pid_of_life",
    "root_of_map",
    "start_time",
]

_MOST = 65536
"""Bytes of a file that are read; those of ``/proc`` are shorter."""

_NSPID = re.compile(rb"^NSpid:(?:[ \t]+\d{1,10})*?[ \t]+(\d{1,10})$", re.MULTILINE)

# proc_pid_stat(5): the name is in parentheses and may hold any byte, parentheses and
# newlines too; after it come the state, 18 numbers and the start time.
_STAT = re.compile(rb"\d+ \(.*\) [A-Za-z] (?:-?\d+ ){18}(\d{1,20})[ \n]", re.DOTALL)

_EXTENT = re.compile(rb"[ \t]*(\d{1,10})[ \t]+(\d{1,10})[ \t]+(\d{1,10})[ \t]*")

_LIFE = re.compile(rb"[0-9a-f-]{36}-(\d{1,10})-\d{1,20}")

_UNMAPPED = 2**32 - 1
"""What user_namespaces(7) shows for a uid that has no number in our namespace."""


def lives(pidfd: int) -> bool:
    """Whether a process has not ended: a pidfd is readable once it has."""
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    return not poll.poll(0)


def own_pid_of_namespace(status: bytes) -> int:
    """
    The number that a process has in its own pid namespace.

    :param status: its ``/proc/<pid>/status``.
    :raises ValueError: when that does not say.
    """
    return _number(_NSPID.search(status), "status")


def pid_of_life(life: str) -> int:
    """
    The pid that a process had.

    :param life: its `Process.life`.
    :raises ValueError: when it is none.
    """
    return _number(_LIFE.fullmatch(life.encode()), "life")


def start_time(stat: bytes) -> int:
    """
    When a process started, in clock ticks since the host did.

    :param stat: its ``/proc/<pid>/stat``.
    :raises ValueError: when that does not say.
    """
    return _number(_STAT.match(stat), "stat")


def root_of_map(uid_map: bytes) -> int | None:
    """
    The uid, as we see it, of uid 0 in a user namespace.

    :param uid_map: ``/proc/<pid>/uid_map`` of a process in it.
    :return: ``None`` when uid 0 is mapped to nothing, or not yet.
    :raises ValueError: when this is no map.
    """
    for line in uid_map.splitlines():
        extent = _EXTENT.fullmatch(line)
        if extent is None:
            raise ValueError("uid_map")
        inside, outside, count = map(int, extent.groups())
        if inside == 0 and count > 0 and outside < _UNMAPPED:
            return outside
    return None


def _number(match: re.Match[bytes] | None, file: str) -> int:
    if match is None:
        raise ValueError(file)
    return int(match[1])


@frozen
class Program:
    """
    A file that a process runs.

    :ivar path: where it is, or was, in the mount namespace of the process.
    :ivar mode: its type and permissions, inode(7).
    """

    path: Path
    mode: int

    @property
    def name(self) -> str:
        """Its name, be it that the file was replaced since."""
        return self.path.name.removesuffix(" (deleted)")

    @property
    def gives_rights(self) -> bool:
        """Whether who runs it becomes another user by that."""
        return bool(self.mode & (S_ISUID | S_ISGID))


@frozen
class Process:
    """
    A process that is held by a pidfd.

    :ivar pid: its number in our pid namespace.
    :ivar pidfd: belongs to who made this value.
    :ivar proc: where ``/proc`` is.
    """

    pid: int
    pidfd: int
    proc: Path

    def lives(self) -> bool:
        """Whether it has not ended."""
        return lives(self.pidfd)

    def read(self, file: str) -> bytes:
        """
        Read one of its files.

        :raises OSError: when there is none, or the process has ended.
        """
        with self._path(file).open("rb") as opened:
            text = opened.read(_MOST)
        self._still()
        return text

    def open(self, file: str) -> int:
        """
        Open one of its files.

        :return: a descriptor, close-on-exec, which is the caller's to close.
        :raises OSError: as `read`.
        """
        descriptor = os.open(self._path(file), os.O_RDONLY | os.O_CLOEXEC)
        try:
            self._still()
        except OSError:
            os.close(descriptor)
            raise
        return descriptor

    def root_uid(self) -> int | None:
        """
        The uid, as we see it, of uid 0 in the user namespace of this process.

        :return: ``None`` when it has none, or not yet.
        :raises OSError: as `read`.
        :raises ValueError: when the map makes no sense.
        """
        # Read in any case; but the map of our own namespace is written in the numbers
        # of the one around it.
        uid = root_of_map(self.read("uid_map"))
        return 0 if self.shares_users() else uid

    def shares_users(self) -> bool:
        """
        Whether it is in the same user namespace as we.

        :raises OSError: as `read`.
        """
        same = self._path("ns/user").samefile(self.proc / "self/ns/user")
        self._still()
        return same

    def program(self) -> Program:
        """
        The program that it runs.

        :raises OSError: as `read`, or when it runs none.
        """
        path = self._path("exe")
        program = Program(path.readlink(), path.stat().st_mode)
        self._still()
        return program

    def life(self) -> str:
        """
        What is equal for this process only, on this host and ever.

        :raises OSError: as `read`.
        :raises ValueError: when the files make no sense.
        """
        boot = UUID(
            (self.proc / "sys/kernel/random/boot_id").read_text("ascii").strip()
        )
        return f"{boot}-{self.pid}-{start_time(self.read('stat'))}"

    def _path(self, file: str) -> Path:
        return self.proc / str(self.pid) / file

    def _still(self) -> None:
        if not self.lives():
            raise ProcessLookupError(ESRCH, os.strerror(ESRCH))
