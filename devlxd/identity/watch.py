"""Hearing of the end of a process."""

from __future__ import annotations

from collections.abc import Callable

from attrs import define
from twisted.internet.interfaces import IReactorFDSet, IReadDescriptor
from twisted.python.failure import Failure
from zope.interface import implementer

from devlxd.identity.processes import lives

__all__ = ["Watch"]


@implementer(IReadDescriptor)
@define(eq=False)
class Watch:
    """
    Watches a pidfd, which becomes readable when its process ends, and stays so.

    :ivar _ended: called when the process has ended; it must stop this watch.
    """

    _pidfd: int
    _reactor: IReactorFDSet
    _ended: Callable[[], object]

    def start(self) -> None:
        """Watch from now on."""
        self._reactor.addReader(self)

    def stop(self) -> None:
        """Watch no more; the pidfd may be closed then."""
        self._reactor.removeReader(self)

    def fileno(self) -> int:
        """What the reactor watches."""
        return self._pidfd

    def logPrefix(self) -> str:
        """What the reactor puts before lines about this."""
        return "Watch"

    def doRead(self) -> None:
        """The process has ended; there is nothing to read."""
        # Within one round of the reactor, the event of a descriptor that was closed
        # may reach the one that was opened since and got its number.
        if not lives(self._pidfd):
            self._ended()

    def connectionLost(self, reason: Failure) -> None:
        """The reactor stops.  That is not the end of the process."""
