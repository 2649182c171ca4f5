"""Image directories to test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread
from twisted.trial.unittest import SynchronousTestCase

from devlxd.stores.backend import Run
from devlxd.stores.imagedirectory import ImageDirectory, ImageLimits
from devlxd.stores.imagefiles import ImageFiles
from devlxd.stores.memory import Memory
from devlxd.stores.sqlite import SQLite
from devlxd.stores.store import Store, inline
from devlxd.stores.writer import Writer
from devlxd.testing.images import MOST, MOST_BYTES, ImagesCase, ImagesSubject
from tests.stores.parts import database, opened, real_reactor, uuids

T = TypeVar("T")


def in_thread(work: Callable[[], T], /) -> Deferred[T]:
    """Do blocking work in a thread of the reactor's."""
    return deferToThread(work)


def images_of(
    case: SynchronousTestCase, store: Store, run: Run = inline, path: Path | None = None
) -> ImageDirectory:
    """The images of a store, in a directory of a test's own."""
    files = ImageFiles(path or Path(case.mktemp()) / "images")
    images = ImageDirectory(store.images, files, run, ImageLimits(MOST_BYTES, MOST))
    images.prepare()
    return images


class InMemory(ImagesCase):
    """About records in memory, and files that are written inline."""

    async def make_subject(self) -> ImagesSubject:
        store = Store(Memory(), uuids())
        return ImagesSubject(store, images_of(self, store), store.aliases)


class OnSQLite(ImagesCase):
    """About records in a database, all of it written inline."""

    async def make_subject(self) -> ImagesSubject:
        store = opened(self, database(self))
        return ImagesSubject(store, images_of(self, store), store.aliases)


class InThreads(ImagesCase):
    """About records in a database and files, all of it written in threads."""

    async def make_subject(self) -> ImagesSubject:
        store = Store(SQLite(database(self)), uuids())
        writer = Writer(real_reactor, store)
        writer.startService()
        self.addCleanup(writer.stopService)
        await deferLater(real_reactor, 0)
        images = images_of(self, store, in_thread)
        return ImagesSubject(store, images, store.aliases)
