"""
The pid namespaces that a process is in.

They are nested, and a process never leaves the one that it was born in.  ``setns`` and
``unshare`` act on the children that are made later (pid_namespaces(7)).
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from errno import ENOTTY
from pathlib import Path
from typing import Self

from attrs import frozen

from devlxd.identity.kernel import LINUX, IKernel
from devlxd.identity.processes import Process

__all__ = ["Namespace", "Namespaces"]


@frozen
class Namespace:
    """
    A namespace, told apart from all others that exist at the same time.

    The numbers are given away anew when the namespace is gone.
    """

    device: int
    inode: int

    @classmethod
    def of(cls, descriptor: int) -> Self:
        """The namespace that a descriptor is open on."""
        status = os.fstat(descriptor)
        return cls(status.st_dev, status.st_ino)


@frozen
class Namespaces:
    """
    Reads the pid namespaces inside our own.

    :ivar own: the one that this process was born in.
    """

    kernel: IKernel
    proc: Path
    own: Namespace

    @classmethod
    def here(cls, kernel: IKernel = LINUX, proc: Path = Path("/proc")) -> Self:
        """
        The namespaces as this process sees them.

        :param proc: where ``/proc`` is.
        :raises ValueError: when that ``/proc`` is of another pid namespace, so that
            its numbers are not ours.
        """
        shown = (proc / "self").readlink()
        if str(shown) != str(os.getpid()):
            raise ValueError(f"{proc} does not show the pid namespace of this process")
        pidfd = kernel.pidfd(os.getpid())
        try:
            descriptor = _innermost(kernel, proc, os.getpid(), pidfd)
        finally:
            os.close(pidfd)
        try:
            return cls(kernel, proc, Namespace.of(descriptor))
        finally:
            os.close(descriptor)

    def hold(self, pid: int) -> Process:
        """
        The process that has this number now.

        :return: with a pidfd, which is the caller's to close.
        :raises OSError: when there is none.
        """
        return Process(pid, self.kernel.pidfd(pid), self.proc)

    def outward(self, pid: int, pidfd: int) -> Generator[Namespace]:
        """
        The namespaces of a process from the innermost outwards, those inside our own
        only: none when it lives in our own or outside it.

        A namespace stays what it is until the next one is asked for; close the
        iterator when no more are.

        :param pid: in our pid namespace; 0 when it is not visible there.
        :raises OSError: when it cannot be told, as when the process has ended.
        :raises ValueError: when ``/proc`` makes no sense.
        """
        if pid == 0:
            return
        descriptor = _innermost(self.kernel, self.proc, pid, pidfd)
        try:
            while (namespace := Namespace.of(descriptor)) != self.own:
                if namespace.device != self.own.device:
                    raise ValueError("not a namespace")
                yield namespace
                outer = self.kernel.outer_namespace(descriptor)
                os.close(descriptor)
                descriptor = outer
        finally:
            os.close(descriptor)

    @contextmanager
    def outermost(self, pid: int, pidfd: int) -> Iterator[int]:
        """
        The namespace right inside our own that a process lives in or below.

        :return: a descriptor on it, open for as long as the context lasts.
        :raises OSError: as `outward`, and when the process is not inside our own.
        :raises ValueError: as `outward`.
        """
        descriptor = _innermost(self.kernel, self.proc, pid, pidfd)
        try:
            while True:
                outer = self.kernel.outer_namespace(descriptor)
                if Namespace.of(outer) == self.own:
                    os.close(outer)
                    break
                os.close(descriptor)
                descriptor = outer
            yield descriptor
        finally:
            os.close(descriptor)

    def made_by_root(self, namespace: int) -> bool:
        """
        Whether a namespace was made by root, as we see it: by a process that had the
        right to without a user namespace for it, or in a user namespace that root made.

        :param namespace: a descriptor on it.
        :raises OSError: when it is not inside our own.
        """
        users = self.kernel.owner(namespace)
        try:
            ours = Namespace.of(users) == self._own_users()
            return ours or self.kernel.maker(users) == 0
        finally:
            os.close(users)

    def innermost(self, process: Process) -> Namespace | None:
        """
        The namespace that a process was born in, unless that is not inside our own.

        :raises OSError: as `outward`.
        :raises ValueError: as `outward`.
        """
        with closing(self.outward(process.pid, process.pidfd)) as chain:
            return next(chain, None)

    def _own_users(self) -> Namespace:
        status = (self.proc / "self/ns/user").stat()
        return Namespace(status.st_dev, status.st_ino)


def _innermost(kernel: IKernel, proc: Path, pid: int, pidfd: int) -> int:
    """A descriptor on the pid namespace that a process was born in."""
    try:
        return kernel.pid_namespace(pidfd)
    except OSError as error:
        if error.errno != ENOTTY:
            raise
        return Process(pid, pidfd, proc).open("ns/pid")
