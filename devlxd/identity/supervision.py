"""
Who stands outside a container and minds it.

The parent of a container's init is believed what it says of the container, its name
that is, when it is root in the namespaces that this service itself is in, and did not
become so by a program that gives its users rights: the user of such a program chooses
the command line.  A container's processes are in other pid namespaces, and other users
cannot make a pid namespace that is root's.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from attrs import frozen

from devlxd.identity.namespaces import Namespaces
from devlxd.identity.processes import Process
from devlxd.identity.runtimes.interface import Supervisor
from devlxd.identity.status import is_root, parent

__all__ = ["Supervision"]

_MOST = 32768
"""Bytes of a command line; what is longer is none of a runtime's."""


@frozen
class Supervision:
    """Reads what the supervisors of containers are."""

    namespaces: Namespaces

    def supervisor_of(self, init: Process) -> Supervisor:
        """
        The supervisor of a container.

        :param init: the init process of the container.
        :raises OSError: when it cannot be told, as when one of both has ended.
        :raises ValueError: when ``/proc`` makes no sense.
        :raises LookupError: when it is not to be believed.
        """
        with _holding_parent(init, self.namespaces) as holder:
            self._check(holder)
            program = holder.program()
            if program.gives_rights:
                raise LookupError("its parent got its rights from its program")
            supervisor = Supervisor(program.name, _arguments(holder.read("cmdline")))
            # It may have been another's program meanwhile.
            self._check(holder)
            return supervisor

    def _check(self, holder: Process) -> None:
        if not is_root(holder.read("status")):
            raise LookupError("its parent is not root")
        if not holder.shares_users():
            raise LookupError("its parent is in another user namespace")
        if self.namespaces.innermost(holder) is not None:
            raise LookupError("its parent is in a container")


@contextmanager
def _holding_parent(process: Process, namespaces: Namespaces) -> Iterator[Process]:
    """
    The parent of a process, held for as long as the context lasts.

    :raises OSError: when one of them has ended, or the parent cannot be seen from here.
    :raises ValueError: when ``/proc`` makes no sense.
    """
    pid = parent(process.read("status"))
    holder = namespaces.hold(pid)
    try:
        # A child is only ever given to a parent that was there before the last one
        # ended.  So whoever has the number now, and is still the parent, always was.
        if parent(process.read("status")) != pid:
            raise ProcessLookupError("its parent has ended")
        yield holder
    finally:
        os.close(holder.pidfd)


def _arguments(cmdline: bytes) -> tuple[str, ...]:
    """
    :raises LookupError: when there are none, or too many.
    """
    # Who sets a title of its own may leave more than one NUL behind it.
    text = os.fsdecode(cmdline.rstrip(b"\0"))
    if not text or len(cmdline) > _MOST:
        raise LookupError("its parent has no command line")
    return tuple(text.split("\0"))
