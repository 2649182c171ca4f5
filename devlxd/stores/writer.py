"""The thread that waits for the disk, so that the reactor need not."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from attrs import define, field
from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorFromThreads
from twisted.internet.threads import deferToThreadPool
from twisted.python.threadpool import ThreadPool

from devlxd.stores.store import Store, inline

T = TypeVar("T")


@define(eq=False)
class Writer(Service):
    """
    Opens a store, has it written in one thread of its own, and closes it.

    Until the reactor runs the store is written inline: what starts after this service
    can change it and go on with the outcome.
    """

    _reactor: IReactorFromThreads
    _store: Store
    _pool: ThreadPool | None = field(init=False, default=None)

    def startService(self) -> None:
        """
        Open the store.

        :raises StoreUnusable: when its data cannot be used.
        """
        self._store.open()
        super().startService()
        # Reactors keep this until they run.
        self._reactor.callFromThread(self._start_thread)

    def stopService(self) -> Deferred[None]:
        """Close the store, once all that was asked of it is durable."""
        super().stopService()
        return Deferred.fromCoroutine(self._stop())

    def _start_thread(self) -> None:
        if not self.running:
            return
        pool = self._pool = ThreadPool(minthreads=1, maxthreads=1, name="store")
        pool.start()

        def in_thread(work: Callable[[], T], /) -> Deferred[T]:
            return deferToThreadPool(self._reactor, pool, work)

        self._store.use(in_thread)

    async def _stop(self) -> None:
        await self._store.settled()
        self._store.use(inline)
        if self._pool is not None:
            self._pool.stop()
        self._store.close()
