"""Stores to test, and backends and runners that can be looked at and steered."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any, TypeVar, cast

from attrs import define, field
from twisted.internet import reactor
from twisted.internet.defer import Deferred, execute
from twisted.internet.interfaces import IReactorFromThreads, IReactorTime
from twisted.internet.task import deferLater
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from devlxd.model.event import Page
from devlxd.model.names import InstanceName
from devlxd.stores.backend import Contents, Edits, IBackend
from devlxd.stores.memory import Memory
from devlxd.stores.sqlite import SQLite
from devlxd.stores.store import Store
from devlxd.stores.writer import Writer
from devlxd.testing.stores import Subject, SubjectCase

T = TypeVar("T")


class _RealReactor(IReactorFromThreads, IReactorTime):
    """As far as the tests need it."""


real_reactor = cast(_RealReactor, reactor)


def uuids() -> Callable[[], str]:
    """Makes ids that are short and never the same."""
    numbers: Iterator[int] = count(1)
    return lambda: f"id-{next(numbers)}"


def database(case: SynchronousTestCase) -> Path:
    """A path for a database of a test's own."""
    directory = Path(case.mktemp())
    directory.mkdir()
    return directory / "devlxd.db"


def opened(case: SynchronousTestCase, path: Path) -> Store:
    """A store on a database, written inline, until the test ends."""
    store = Store(SQLite(path), uuids())
    store.open()
    case.addCleanup(store.close)
    return store


def _subject(store: Store) -> Subject:
    return Subject(store, store.instances, store.profiles, store.journal)


class InMemory(SubjectCase):
    """About a store in memory."""

    async def make_subject(self) -> Subject:
        return _subject(Store(Memory(), uuids()))


class OnSQLite(SubjectCase):
    """About a store on a database that is written inline."""

    async def make_subject(self) -> Subject:
        return _subject(opened(self, database(self)))


class OnSQLiteInThread(SubjectCase):
    """About a store on a database that is written in a thread."""

    async def make_subject(self) -> Subject:
        store = Store(SQLite(database(self)), uuids())
        writer = Writer(real_reactor, store)
        writer.startService()
        self.addCleanup(writer.stopService)
        # The thread starts with the next turn of the reactor.
        await deferLater(real_reactor, 0)
        return _subject(store)


@implementer(IBackend)
@define
class Counting:
    """
    A backend in memory that counts and can fail.

    :ivar written: the edits of each transaction that was written.
    :ivar threads: those in which that was done, by their numbers.
    :ivar events: where the events are.
    :ivar failure: what the next writes raise, if anything.
    """

    written: list[Edits] = field(factory=list)
    threads: set[int] = field(factory=set)
    failure: Exception | None = None
    events: Memory = field(factory=Memory)

    def load(self) -> Contents:
        return Contents()

    def write(self, edits: Edits) -> None:
        if self.failure is not None:
            raise self.failure
        self.written.append(edits)
        self.threads.add(threading.get_ident())
        self.events.write(edits)

    def read(self, name: InstanceName, since: int, limit: int) -> Page:
        return self.events.read(name, since, limit)

    def close(self) -> None:
        pass


@define
class Held:
    """
    Does blocking work when it is told to.

    :ivar work: what was asked for and is not done.
    """

    work: list[tuple[Callable[[], Any], Deferred[Any]]] = field(factory=list)

    def __call__(self, work: Callable[[], T], /) -> Deferred[T]:
        done: Deferred[T] = Deferred()
        self.work.append((work, done))
        return done

    def release(self) -> None:
        """Do the one piece of work that there is."""
        ((work, done),) = self.work
        self.work.clear()
        execute(work).chainDeferred(done)
