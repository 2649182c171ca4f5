"""Edits of a file that are applied when a test says so."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from twisted.internet.defer import Deferred
from twisted.internet.testing import MemoryReactorClock
from twisted.logger import LogEvent, LogLevel, formatEvent
from twisted.trial.unittest import SynchronousTestCase

from devlxd.service.editedfile import EditedFile
from devlxd.service.filewatch import FileWatch
from devlxd.service.readfile import ReadFile
from devlxd.testing.locators import open_descriptors
from tests.service.places import directory
from tests.stores.parts import Held


class Editing(SynchronousTestCase):
    """
    About a file, and what is done with it in two acts that end when they are told to.
    """

    def setUp(self) -> None:
        """Follow a file."""
        self.path = directory(self).resolve() / "instances.yaml"
        self.path.write_text("")
        self.reactor = MemoryReactorClock()
        self.thread = Held()
        self.done: list[tuple[str, bytes]] = []
        self.under_way: list[Deferred[None]] = []
        self.open = open_descriptors()
        self.follow()

    def follow(self) -> None:
        """Start, and stop at the end of the test."""
        self.edited = EditedFile(
            ReadFile.of(self.path, b""),
            [partial(self.act, "apply"), partial(self.act, "register")],
            partial(FileWatch, self.path, self.reactor),
            self.reactor,
            self.thread,
        )
        self.edited.startService()
        self.addCleanup(self.end)
        self.pause()
        self.read()

    def end(self) -> None:
        """Stop, if that has not happened, with nothing left to be done."""
        if self.edited.running:
            self.successResultOf(self.edited.stopService())
        self.assertEqual(self.thread.work, [])
        self.assertEqual(self.reactor.getDelayedCalls(), [])
        self.assertEqual(self.reactor.getReaders(), [])
        self.assertEqual(open_descriptors(), self.open)

    async def act(self, what: str, file: ReadFile) -> None:
        """Do something with an edit."""
        self.done.append((what, file.content))
        self.under_way.append(Deferred())
        await self.under_way[-1]

    def edit(self, text: str) -> None:
        """Write the file, which is noticed."""
        self.path.write_text(text)
        self.notice()

    def notice(self) -> None:
        """Have the reactor look for notifications."""
        for reader in self.reactor.getReaders():
            reader.doRead()

    def pause(self, seconds: float = 0.05) -> None:
        """Let so much time pass."""
        self.reactor.advance(seconds)

    def read(self) -> None:
        """Let the file be read, and parsed if it is another one and complete."""
        self.thread.release()
        self.pause()
        if self.thread.work:
            self.thread.release()

    def follows(self, text: str) -> None:
        """Make an edit, up to where it is applied."""
        self.edit(text)
        self.pause()
        self.read()

    def succeed(self) -> None:
        """Let the act that is under way end well."""
        self.under_way.pop().callback(None)

    def give_up(self, error: Exception) -> None:
        """Let it fail."""
        self.under_way.pop().errback(error)

    def said(self, events: Sequence[LogEvent]) -> list[tuple[LogLevel, str]]:
        """What the log has, without the path of the file's directory."""
        place = f"{self.path.parent}/"
        return [(e["log_level"], formatEvent(e).replace(place, "")) for e in events]
