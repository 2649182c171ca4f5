"""Where and until when a store is written."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorFromThreads
from twisted.internet.task import deferLater
from twisted.trial.unittest import SynchronousTestCase, TestCase
from zope.interface import implementer

from devlxd.model.expansion import Expanded
from devlxd.model.instance import Instance
from devlxd.stores.backend import StoreUnusable
from devlxd.stores.sqlite import SQLite
from devlxd.stores.store import Store
from devlxd.stores.writer import Writer
from devlxd.testing.stores import C1, C2, setting
from tests.stores.parts import Counting, database, opened, real_reactor, uuids


@implementer(IReactorFromThreads)
@define
class NotRunning:
    """A reactor that does not run until it is told to."""

    calls: list[Callable[[], object]] = field(factory=list)

    def callFromThread(
        self, callable: Callable[..., Any], *args: object, **kwargs: object
    ) -> None:
        self.calls.append(lambda: callable(*args, **kwargs))

    def run(self) -> None:
        """Do what was asked for."""
        while self.calls:
            self.calls.pop(0)()


class BeforeTests(SynchronousTestCase):
    """Until the reactor runs a store is written inline."""

    def setUp(self) -> None:
        self.reactor = NotRunning()
        self.path = database(self)
        self.store = Store(SQLite(self.path), uuids())
        self.writer = Writer(self.reactor, self.store)

    def test_started(self) -> None:
        """Once the service has started, a change is acknowledged at once."""
        self.writer.startService()
        self.successResultOf(self.store.instances.create(Instance(C1)))
        self.successResultOf(self.writer.stopService())
        kept = opened(self, self.path).instances.get(C1)
        self.assertEqual(kept.instance, self.store.instances.get(C1).instance)

    def test_stopped_early(self) -> None:
        """A service that stops before the reactor runs never starts a thread."""
        threads = threading.active_count()
        self.writer.startService()
        self.successResultOf(self.writer.stopService())
        self.reactor.run()
        self.assertEqual(threading.active_count(), threads)

    def test_unusable(self) -> None:
        """A service whose store cannot be used does not start."""
        self.path.write_text("[Unit]\n" * 100)
        self.assertRaises(StoreUnusable, self.writer.startService)
        self.assertFalse(self.writer.running)
        self.assertEqual(self.reactor.calls, [])


class RunningTests(TestCase):
    """While the reactor runs a store is written in a thread."""

    async def start(self, store: Store) -> Writer:
        """Start the service and its thread."""
        writer = Writer(real_reactor, store)
        writer.startService()
        await deferLater(real_reactor, 0)
        return writer

    async def test_thread(self) -> None:
        """All is written in one and the same thread, which is not the reactor's."""
        backend = Counting()
        store = Store(backend, uuids())
        writer = await self.start(store)
        await store.instances.create(Instance(C1))
        await store.instances.create(Instance(C2))
        await writer.stopService()
        self.assertEqual(len(backend.threads), 1)
        self.assertNotIn(threading.get_ident(), backend.threads)

    async def test_stop(self) -> None:
        """When the service has stopped all is written, and its thread has ended."""
        threads = threading.active_count()
        path = database(self)
        store = Store(SQLite(path), uuids())
        writer = await self.start(store)
        pending: list[Deferred[Expanded]] = [
            store.instances.create(Instance(C1)),
            store.instances.update(C1, setting("user.a", "1")),
            store.instances.update(C1, setting("user.b", "1")),
        ]
        self.assertFalse(any(done.called for done in pending))
        await writer.stopService()
        self.assertTrue(all(done.called for done in pending))
        self.assertEqual(threading.active_count(), threads)
        kept = opened(self, path).instances.get(C1).config
        self.assertEqual(kept["user.b"], "1")

    async def test_again(self) -> None:
        """A service can be started again."""
        store = Store(SQLite(database(self)), uuids())
        for name in (C1, C2):
            writer = await self.start(store)
            await store.instances.create(Instance(name))
            await writer.stopService()
        names = [expanded.instance.name for expanded in store.instances.all()]
        self.assertEqual(names, [C1, C2])
