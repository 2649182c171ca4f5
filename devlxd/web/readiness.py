"""
Which connections are ready, asked of the kernel without the reactor.

It stands in for the part of `twisted.internet.epollreactor` that acts on events, which
sets up a log context for each of them and costs as much as a request.  Here the
reactor watches one descriptor, an epoll(7) with all connections in it, and whenever
that is readable this acts on what is ready.  To transports it is the reactor; what it
has to do for them, `IReactorFDSet` says, and nothing else of Twisted's is relied upon.
"""

from __future__ import annotations

from select import EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLOUT, epoll
from typing import Any

from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IReadDescriptor
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

__all__ = ["Readiness"]

_ENDED = EPOLLHUP | EPOLLERR
_ROUNDS = 2
"""How often more is looked for before others have their turn."""


@implementer(IReadDescriptor)
class Readiness:
    """
    The reactor of some transports.

    :param reactor: what watches this as long as there are any.
    """

    _log = Logger()

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        self._epoll: Any = None
        self._transports: dict[int, Any] = {}
        self._watched: dict[int, int] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reactor, name)

    # What transports call

    def addReader(self, reader: Any) -> None:
        """Tell it when there is something to read."""
        self._watch(reader, EPOLLIN, 0)

    def addWriter(self, writer: Any) -> None:
        """Tell it when there is room to write."""
        self._watch(writer, EPOLLOUT, 0)

    def removeReader(self, reader: Any) -> None:
        """Do not tell it any more."""
        self._watch(reader, 0, EPOLLIN)

    def removeWriter(self, writer: Any) -> None:
        """Do not tell it any more."""
        self._watch(writer, 0, EPOLLOUT)

    # What the reactor calls

    def fileno(self) -> int:
        """The descriptor that is readable when a connection is ready."""
        descriptor: int = self._epoll.fileno()
        return descriptor

    def logPrefix(self) -> str:
        """As this is called in the log."""
        return "connections"

    def doRead(self) -> None:
        """Have those that are ready read and write."""
        for _ in range(_ROUNDS):
            events = self._epoll.poll(0)
            for descriptor, event in events:
                self._act(descriptor, event)
            if not events or not self._transports:
                break

    def connectionLost(self, reason: Failure) -> None:
        """The reactor has ended, and all connections with it."""
        for transport in list(self._transports.values()):
            transport.connectionLost(reason)

    def _watch(self, transport: Any, more: int, less: int) -> None:
        descriptor = transport.fileno()
        before = self._watched.get(descriptor, 0)
        after = (before | more) & ~less
        if after == before:
            return
        if not before:
            self._add(descriptor, transport, after)
        elif after:
            self._epoll.modify(descriptor, after)
            self._watched[descriptor] = after
        else:
            self._remove(descriptor)

    def _add(self, descriptor: int, transport: Any, events: int) -> None:
        if not self._transports:
            self._epoll = epoll()
            self._reactor.addReader(self)
        self._epoll.register(descriptor, events)
        self._watched[descriptor] = events
        self._transports[descriptor] = transport

    def _remove(self, descriptor: int) -> None:
        self._epoll.unregister(descriptor)
        del self._watched[descriptor], self._transports[descriptor]
        if not self._transports:
            self._reactor.removeReader(self)
            self._epoll.close()

    def _act(self, descriptor: int, event: int) -> None:
        transport = self._transports.get(descriptor)
        if transport is None:
            # What was done for another one has ended it.
            return
        why: Any = None
        reads = False
        try:
            # A peer that has ended is found out by trying.
            if event & (EPOLLIN | _ENDED) and self._watched[descriptor] & EPOLLIN:
                reads = True
                why = transport.doRead()
            if (
                not why
                and event & (EPOLLOUT | _ENDED)
                and self._watched.get(descriptor, 0) & EPOLLOUT
            ):
                reads = False
                why = transport.doWrite()
        except Exception as error:
            self._log.failure("A connection has failed")
            why = error
        if why:
            self._lose(transport, why, reads)

    def _lose(self, transport: Any, why: Exception, reads: bool) -> None:
        """End a connection, or one direction of it, as a reactor does."""
        self.removeReader(transport)
        if reads and isinstance(why, ConnectionDone):
            transport.readConnectionLost(Failure(why))
        else:
            self.removeWriter(transport)
            transport.connectionLost(Failure(why))
