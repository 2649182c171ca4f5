"""A file that is watched."""

from __future__ import annotations

from twisted.internet.testing import MemoryReactor
from twisted.logger import capturedLogs, formatEvent
from twisted.trial.unittest import SynchronousTestCase

from devlxd.service.filewatch import FileWatch
from tests.service.places import directory


class Watching(SynchronousTestCase):
    """About a watched file, ``v/x`` in a directory."""

    def setUp(self) -> None:
        """Have such a file, and a watch that has not started."""
        self.directory = directory(self).resolve()
        self.volume = self.directory / "v"
        self.volume.mkdir()
        self.file = self.volume / "x"
        self.file.write_text("first")
        self.reactor = MemoryReactor()
        self.changes = 0
        self.watch = FileWatch(self.file, self.reactor, self.change)
        self.addCleanup(self.watch.stop)

    def change(self) -> None:
        """Count."""
        self.changes += 1

    def assertHeard(self) -> None:
        """Check that there may be something to read, and that it is complete."""
        self.assertTrue(self.hears())
        self.assertFalse(self.watch.is_written)

    def assertUnheard(self) -> None:
        """Check that there is nothing, and nobody is at it."""
        self.assertFalse(self.hears())
        self.assertFalse(self.watch.is_written)

    def hears(self) -> bool:
        """Whether it is told of a change now."""
        before = self.changes
        self.watch.catch_up()
        return self.changes > before

    def said(self) -> list[str]:
        """What the log says when it starts."""
        with capturedLogs() as events:
            self.watch.start()
        return [formatEvent(event) for event in events]
