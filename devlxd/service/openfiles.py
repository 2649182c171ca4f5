"""How many files this process may have open."""

from __future__ import annotations

from resource import RLIMIT_NOFILE, getrlimit, setrlimit
from typing import Self

from attrs import define
from twisted.application.service import Service

__all__ = ["OPERATORS", "OpenFiles"]

_OWN = 256
"""Open files that are no guests': the store's, the log, pidfds, operators'."""

OPERATORS = 128
"""How many of them may be connections of operators."""


@define(eq=False)
class OpenFiles(Service):
    """
    Takes as many open files as the system lets us have.

    :ivar limit: how many these are.
    """

    limit: int

    @classmethod
    def of_this_process(cls) -> Self:
        """Those up to its hard limit."""
        _, hard = getrlimit(RLIMIT_NOFILE)
        return cls(hard)

    @property
    def connections(self) -> int:
        """How many of them may be connections of guests."""
        return max(self.limit - _OWN, self.limit // 2)

    @property
    def instance_sockets(self) -> int:
        """How many may be sockets of instances, each in the place of a connection."""
        return self.connections // 2

    def of_one(self, wanted: int) -> int:
        """
        How many connections one instance may hold: as many as are wanted, but no more
        than a quarter of all, so that no single one keeps the others out.
        """
        return min(wanted, max(self.connections // 4, 1))

    def startService(self) -> None:
        """Raise the soft limit, which is low for the sake of old programs."""
        super().startService()
        setrlimit(RLIMIT_NOFILE, (self.limit, self.limit))
