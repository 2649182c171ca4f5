"""
Finding the init process of a container from any process in it.

Linux 6.11 and later tell it.  Before, the ancestors of the process are followed, one of
which is the init unless the process was run into the container from outside; then all
processes are looked at, once.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import ENOTTY
from itertools import islice

from attrs import frozen

from devlxd.identity.namespaces import Namespace, Namespaces
from devlxd.identity.processes import Process
from devlxd.identity.status import numbers, parent

__all__ = ["Inits"]

_INIT = 1
"""What an init is called in its namespace."""

_MOST_ANCESTORS = 1000
"""How far up an init is looked for."""


@frozen
class Inits:
    """Finds the init processes of the pid namespaces that are right inside our own."""

    namespaces: Namespaces

    @contextmanager
    def of(self, process: Process, descriptor: int) -> Iterator[Process]:
        """
        The init of a namespace, held for as long as the context lasts.

        :param process: any in it, or in one inside it.
        :param descriptor: on the namespace.
        :raises OSError: when there is none any more, or it cannot be told.
        :raises ValueError: when ``/proc`` makes no sense.
        """
        namespace = Namespace.of(descriptor)
        init = self.namespaces.hold(self._pid(process, descriptor))
        try:
            if not self._is_init(init) or self.namespaces.innermost(init) != namespace:
                raise ProcessLookupError("its init has ended")
            yield init
        finally:
            os.close(init.pidfd)

    def all(self) -> Iterator[Process]:
        """Each init, held until the next one is asked for."""
        own = self.namespaces.own
        for pid, namespace in self._processes():
            if namespace == own:
                continue
            with suppress(OSError, ValueError):
                init = self.namespaces.hold(pid)
                try:
                    if self._is_init(init):
                        yield init
                finally:
                    os.close(init.pidfd)

    def _pid(self, process: Process, descriptor: int) -> int:
        try:
            return self.namespaces.kernel.first_process(descriptor)
        except OSError as error:
            if error.errno != ENOTTY:
                raise
        pid = self._ancestor(process)
        return self._searched(Namespace.of(descriptor)) if pid is None else pid

    def _ancestor(self, process: Process) -> int | None:
        """The init among a process and its ancestors, if it is one of them."""
        for pid, own in islice(self._line(process.pid), _MOST_ANCESTORS):
            if len(own) == 1:
                # It is not in the container, but ran the one below it into that.
                return None
            if own[1] == _INIT:
                return pid
        return None

    def _line(self, pid: int) -> Iterator[tuple[int, tuple[int, ...]]]:
        """
        A process and its ancestors, each with its numbers.  They are not held: whoever
        is found is looked at again.
        """
        while True:
            status = (self.namespaces.proc / str(pid) / "status").read_bytes()
            yield pid, numbers(status)
            pid = parent(status)

    def _searched(self, namespace: Namespace) -> int:
        for pid, found in self._processes():
            if found == namespace:
                with suppress(OSError, ValueError):
                    status = (self.namespaces.proc / str(pid) / "status").read_bytes()
                    if numbers(status)[1:] == (_INIT,):
                        return pid
        raise ProcessLookupError("its init was not found")

    def _processes(self) -> Iterator[tuple[int, Namespace]]:
        """Each process, and the pid namespace that it is in."""
        for path in self.namespaces.proc.iterdir():
            if path.name.isdigit():
                with suppress(OSError):
                    status = (path / "ns/pid").stat()
                    yield int(path.name), Namespace(status.st_dev, status.st_ino)

    def _is_init(self, process: Process) -> bool:
        return numbers(process.read("status"))[1:] == (_INIT,)
