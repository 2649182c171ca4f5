"""Hearing of what happens to files."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from pathlib import Path
from resource import RLIMIT_NOFILE, getrlimit, setrlimit

from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IReadDescriptor
from twisted.internet.testing import MemoryReactor
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from devlxd.service.inotify import (
    CLOSE_WRITE,
    CREATE,
    DELETE,
    IGNORED,
    LOST,
    MODIFY,
    MOVED_FROM,
    MOVED_TO,
    Inotify,
    Notification,
)
from devlxd.testing.locators import open_descriptors
from tests.service.places import directory


class InotifyTests(SynchronousTestCase):
    """`Inotify` is a queue of notifications of the kernel's."""

    def setUp(self) -> None:
        """Have a queue, and a directory."""
        self.directory = directory(self)
        self.reactor = MemoryReactor()
        self.batches: list[Sequence[Notification]] = []
        self.inotify = Inotify.opened(self.reactor, self.batches.append)
        self.addCleanup(self.close)

    def close(self) -> None:
        """Close it, unless a test did."""
        if self.reactor.getReaders():
            self.inotify.close()

    def heard(self) -> list[Notification]:
        """What it tells now, in one piece."""
        self.batches.clear()
        self.inotify.doRead()
        (batch,) = self.batches
        return list(batch)

    def test_role(self) -> None:
        """It is what a reactor reads."""
        self.assertTrue(verifyObject(IReadDescriptor, self.inotify))
        self.assertEqual(self.reactor.getReaders(), [self.inotify])
        self.assertEqual(self.inotify.logPrefix(), "Inotify")
        self.assertFalse(os.get_inheritable(self.inotify.fileno()))

    def test_directory(self) -> None:
        """What happens to a name in a directory is told with that name."""
        kinds = CREATE | CLOSE_WRITE | MOVED_FROM | MOVED_TO | DELETE
        watch = self.inotify.add(self.directory, kinds)
        (self.directory / "x").write_text("")
        (self.directory / "x").rename(self.directory / ("y" * 200))
        (self.directory / ("y" * 200)).unlink()
        self.assertEqual(
            self.heard(),
            [
                Notification(watch, CREATE, b"x"),
                Notification(watch, CLOSE_WRITE, b"x"),
                Notification(watch, MOVED_FROM, b"x"),
                Notification(watch, MOVED_TO, b"y" * 200),
                Notification(watch, DELETE, b"y" * 200),
            ],
        )

    def test_file(self) -> None:
        """What happens to a watched file is told without one, until it is gone."""
        file = self.directory / "x"
        file.write_text("1")
        watch = self.inotify.add(file, MODIFY)
        file.write_text("")
        file.unlink()
        self.assertEqual(
            self.heard(), [Notification(watch, MODIFY), Notification(watch, IGNORED)]
        )

    def test_added(self) -> None:
        """To add a file again is to hear of more about it, by the same watch."""
        watch = self.inotify.add(self.directory, CREATE)
        self.assertEqual(self.inotify.add(self.directory, DELETE), watch)
        (self.directory / "x").write_text("")
        (self.directory / "x").unlink()
        self.assertEqual([each.mask for each in self.heard()], [CREATE, DELETE])

    def test_removed(self) -> None:
        """Of what is watched no more nothing is told but that."""
        watch = self.inotify.add(self.directory, CREATE)
        self.inotify.remove(watch)
        (self.directory / "x").write_text("")
        self.assertEqual(self.heard(), [Notification(watch, IGNORED)])
        self.inotify.remove(watch)

    def test_nothing(self) -> None:
        """When nothing has happened, nothing is told, whatever the reactor says."""
        self.inotify.doRead()
        self.assertEqual(self.batches, [])

    def test_lost(self) -> None:
        """When more has happened than the kernel keeps, that is told."""
        limit = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
        self.inotify.add(self.directory, MOVED_FROM | MOVED_TO)
        one, other = self.directory / "1", self.directory / "2"
        one.write_text("")
        for _ in range(limit // 4 + 1):
            one.rename(other)
            other.rename(one)
        masks: list[int] = []
        while not masks or masks[-1] != LOST:
            masks += [each.mask for each in self.heard()]
        self.assertEqual(len(masks), limit + 1)

    def test_refused(self) -> None:
        """A watch that cannot be is refused with the reason."""
        with self.assertRaises(OSError) as caught:
            self.inotify.add(self.directory / "x", CREATE)
        self.assertEqual(caught.exception.errno, errno.ENOENT)
        self.assertEqual(caught.exception.filename, str(self.directory / "x"))

    def test_too_many(self) -> None:
        """So is a queue."""
        soft, hard = getrlimit(RLIMIT_NOFILE)
        self.addCleanup(setrlimit, RLIMIT_NOFILE, (soft, hard))
        setrlimit(RLIMIT_NOFILE, (3, hard))
        with self.assertRaises(OSError) as caught:
            Inotify.opened(self.reactor, self.batches.append)
        self.assertEqual(caught.exception.errno, errno.EMFILE)
        self.assertEqual(self.reactor.getReaders(), [self.inotify])

    def test_close(self) -> None:
        """It leaves nothing open and nothing in the reactor."""
        self.inotify.connectionLost(Failure(ConnectionDone()))
        before = open_descriptors()
        self.inotify.close()
        self.assertEqual(open_descriptors(), before - 1)
        self.assertEqual(self.reactor.getReaders(), [])
