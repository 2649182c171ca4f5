"""
The store: everything in memory for reading, every change durable first.

Changes are committed in groups.  While a group is being written, further rules wait;
then all that wait are run one after the other and written together.  So one ``fsync``
carries as many changes as came in during the one before it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from time import time_ns
from typing import Any, TypeVar

from attrs import Factory, define, field
from twisted.internet.defer import Deferred, execute, succeed
from twisted.logger import Logger
from zope.interface import implementer

from devlxd.interfaces import IDraft, IStore
from devlxd.model.change import (
    AliasChange,
    AnyChange,
    Change,
    ImageChange,
    ProfileChange,
)
from devlxd.stores.aliases import Aliases
from devlxd.stores.backend import Edits, IBackend, Run
from devlxd.stores.imagerecords import ImageRecords
from devlxd.stores.instances import Instances
from devlxd.stores.journal import Journal, Reader
from devlxd.stores.observers import Observers
from devlxd.stores.overlay import Overlay
from devlxd.stores.profiles import Profiles
from devlxd.stores.transaction import Transaction
from devlxd.stores.view import View

__all__ = ["Store", "inline"]

T = TypeVar("T")


def inline(work: Callable[[], T], /) -> Deferred[T]:
    """Do blocking work right here."""
    return execute(work)


def _observers() -> dict[type[AnyChange], Observers[Any]]:
    kinds = (Change, ProfileChange, ImageChange, AliasChange)
    return {kind: Observers() for kind in kinds}


@implementer(IStore)
@define(eq=False)
class Store:
    """
    All records over a backend.

    Until `use` says otherwise the backend is called inline, so that what `transact`
    returns has fired already.

    :param now: the time in nanoseconds since 1970.
    :ivar instances: provides `devlxd.interfaces.IInstances`.
    :ivar profiles: provides `devlxd.interfaces.IProfiles`.
    :ivar aliases: provides `devlxd.interfaces.IAliases`.
    :ivar images: what is known of images; their files are elsewhere.
    :ivar journal: provides `devlxd.interfaces.IJournal`.
    """

    _log = Logger()

    _backend: IBackend
    _new_uuid: Callable[[], str]
    _now: Callable[[], int] = time_ns
    _run: Run = field(init=False, default=inline)
    _view: View = field(init=False, factory=View)
    _observers: dict[type[AnyChange], Observers[Any]] = field(
        init=False, default=Factory(_observers)
    )
    _waiting: list[Transaction] = field(init=False, factory=list)
    _working: bool = field(init=False, default=False)
    _failing: bool = field(init=False, default=False)
    _settled: list[Deferred[None]] = field(init=False, factory=list)
    instances: Instances = field(init=False)
    profiles: Profiles = field(init=False)
    images: ImageRecords = field(init=False)
    aliases: Aliases = field(init=False)
    journal: Reader = field(init=False)
    _numbers: Journal = field(init=False)

    def __attrs_post_init__(self) -> None:
        view, transact, of = self._view, self.transact, self._observers
        self.instances = Instances(view, transact, of[Change])
        self.profiles = Profiles(view, transact, of[ProfileChange])
        self.images = ImageRecords(view, transact, of[ImageChange])
        self.aliases = Aliases(view, transact, of[AliasChange])
        self._numbers = Journal(self._now)
        self.journal = Reader(self._numbers, self._backend, self._block)

    def open(self) -> None:
        """
        Load what the backend has kept.  Nothing may have been changed before.

        :raises StoreUnusable: when the data cannot be used.
        """
        contents = self._backend.load()
        self._view.fill(contents)
        self._numbers.fill(contents.last)

    def close(self) -> None:
        """Let the backend go; every later change fails."""
        self._backend.close()

    def use(self, run: Run) -> None:
        """Have blocking work done elsewhere from now on."""
        self._run = run

    def settled(self) -> Deferred[None]:
        """Fires when no change waits or is being written."""
        if not self._working:
            return succeed(None)
        self._settled.append(Deferred())
        return self._settled[-1]

    def transact(self, rule: Callable[[IDraft], T]) -> Deferred[T]:
        transaction = Transaction(rule)
        self._waiting.append(transaction)
        if not self._working:
            Deferred.fromCoroutine(self._work())
        return transaction.done

    def note(self, key: str) -> str | None:
        return self._view.note(key)

    async def _work(self) -> None:
        # A loop with a flag, so that an observer or a callback that asks for another
        # change adds it to the queue and does not get in between.
        self._working = True
        while self._waiting:
            batch, self._waiting = self._waiting, []
            await self._commit(batch)
        self._working = False
        settled, self._settled = self._settled, []
        for waiter in settled:
            waiter.callback(None)

    async def _commit(self, batch: list[Transaction]) -> None:
        pending = Overlay(self._view)
        changes = [
            change
            for transaction in batch
            for change in transaction.evaluate(pending, self._new_uuid)
        ]
        numbered = self._numbers.number(changes)
        if not await self._write(numbered.on(pending.edits())):
            for transaction in batch:
                transaction.fail()
            return
        self._view.apply(pending)
        self._numbers.advance(numbered)
        for change in numbered.changes:
            self._observers[type(change)].announce(change)
        for transaction in batch:
            transaction.finish()

    def _block(self, work: Callable[[], T]) -> Deferred[T]:
        return self._run(work)

    async def _write(self, edits: Edits) -> bool:
        if not edits:
            return True
        try:
            await self._block(partial(self._backend.write, edits))
        except Exception:
            # Once until it works again: a guest can ask for changes as often as it
            # likes while the disk is full.
            if not self._failing:
                self._failing = True
                self._log.failure("Changes cannot be written and are dropped")
            return False
        if self._failing:
            self._failing = False
            self._log.info("Changes can be written again")
        return True
