"""A file that is edited while the service runs: real files, a real reactor."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from threading import get_ident
from typing import Any, TypeVar

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread
from twisted.logger import capturedLogs, formatEvent
from twisted.trial.unittest import TestCase

from devlxd.model.change import Change
from devlxd.model.instance import Instance
from devlxd.model.names import InstanceName
from devlxd.service.editedfile import EditedFile
from devlxd.service.filewatch import FileWatch
from devlxd.service.instancesfile import InstancesFile
from devlxd.service.readfile import ReadFile
from devlxd.stores.memory import Memory
from devlxd.stores.store import Store
from tests.service.places import directory
from tests.stores.parts import uuids

T = TypeVar("T")

C1 = InstanceName("default", "c1")
NOW = datetime(2026, 1, 31, tzinfo=UTC)

_reactor: Any = reactor


def stating(value: str) -> str:
    """A file in which `C1` has a value, and other things that take time to read."""
    others = "".join(f"  other{n}: {{config: {{user.n: {n}}}}}\n" for n in range(20))
    return f"instances:\n{others}  c1: {{config: {{user.k: {value}}}}}\n"


class EditingTests(TestCase):
    """What an editor, a script or Kubernetes writes is soon in the store."""

    timeout = 60

    # trial waits for what setUp returns, but its annotation does not say so.
    async def setUp(self) -> None:  # type: ignore[override]
        """Follow the file ``v/x`` of a directory."""
        self.directory = directory(self).resolve()
        self.volume = self.directory / "v"
        self.volume.mkdir()
        self.path = self.volume / "x"
        self.path.write_text(stating("first"))
        self.store = Store(Memory(), uuids())
        self.values: list[str] = []
        self.threads: set[int] = set()
        self.start()

    def start(self) -> None:
        """Follow it until the end of the test."""
        file = ReadFile.of(self.path, self.path.read_bytes())
        applied = InstancesFile(file, self.store, "x86_64", lambda: NOW)
        applied.startService()
        self.addCleanup(self.store.instances.observe(self.note))
        edited = EditedFile(
            file,
            [applied.apply],
            lambda changed: FileWatch(self.path, _reactor, changed),
            _reactor,
            self.in_thread,
        )
        edited.startService()
        self.addCleanup(edited.stopService)

    def in_thread(self, work: Callable[[], T], /) -> Deferred[T]:
        """Do work in a thread of the reactor's."""

        def noted() -> T:
            self.threads.add(get_ident())
            return work()

        return deferToThread(noted)

    def note(self, change: Change) -> None:
        """Note what the instance becomes: its value, or that it is gone."""
        if change.name == C1:
            self.values.append("gone" if change.after is None else self.value())

    def instance(self) -> Instance:
        """The one that is edited."""
        return self.store.instances.get(C1).instance

    def value(self) -> str:
        """The value in the store."""
        return self.instance().config["user.k"]

    async def comes(self, value: str) -> None:
        """Wait until a value has come to the store."""
        await self.happens(lambda: self.value() == value)

    async def happens(self, condition: Callable[[], bool]) -> None:
        """Wait for something."""
        while not condition():
            await deferLater(_reactor, 0.01)

    async def test_written(self) -> None:
        """A file that is written in place is applied; reading blocks nobody."""
        self.path.write_text(stating("second"))
        await self.comes("second")
        self.assertEqual(self.values, ["second"])
        self.assertNotIn(get_ident(), self.threads)

    async def test_slowly_written(self) -> None:
        """One that is written piece by piece is not applied before it is closed."""
        text = stating("second")
        with self.path.open("w") as file:
            for line in text.splitlines(keepends=True):
                file.write(line)
                file.flush()
                await deferLater(_reactor, 0.02)
            self.assertEqual(self.values, [])
        await self.comes("second")
        self.assertEqual(self.values, ["second"])

    async def test_replaced(self) -> None:
        """So is one that takes its place."""
        for value in ("second", "third"):
            new = self.volume / "new"
            new.write_text(stating(value))
            new.rename(self.path)
            await self.comes(value)

    async def test_back(self) -> None:
        """One that is deleted changes nothing; the one that comes after it does."""
        with capturedLogs() as events:
            self.path.unlink()
            await self.happens(lambda: bool(events))
        self.assertEqual(
            formatEvent(events[0]),
            f"{self.path}: No such file or directory; what it said last stays",
        )
        self.assertEqual(self.values, [])
        self.path.write_text(stating("second"))
        await self.comes("second")

    async def test_mount(self) -> None:
        """A ConfigMap's new version is seen."""
        for version in ("1", "2", "3"):
            (self.volume / f"..{version}").mkdir()
            (self.volume / f"..{version}" / "x").write_text(stating(version))
            (self.volume / "..data_tmp").symlink_to(f"..{version}")
            (self.volume / "..data_tmp").rename(self.volume / "..data")
            if not self.path.is_symlink():
                (self.volume / "tmp").symlink_to("..data/x")
                (self.volume / "tmp").rename(self.path)
            await self.comes(version)
        self.assertEqual(self.values, ["1", "2", "3"])

    async def test_burst(self) -> None:
        """Of a burst of edits the last one holds, and not all are applied."""
        for number in range(50):
            self.path.write_text(stating(str(number)))
        await self.comes("49")
        self.assertLess(len(self.values), 10)

    async def test_program(self) -> None:
        """What a program is writing at the time is never taken for an edit."""
        await deferToThread(self.rewrite, 200)
        await self.comes("199")
        self.assertNotIn("gone", self.values)

    def rewrite(self, times: int) -> None:
        """Write the file in place, in pieces."""
        for number in range(times):
            with self.path.open("w") as file:
                for line in stating(str(number)).splitlines(keepends=True):
                    file.write(line)
                    file.flush()

    async def test_broken(self) -> None:
        """A broken edit is logged and changes nothing; the next one is applied."""
        with capturedLogs() as events:
            self.path.write_text("instances:\n  c1: {}\n  c1: {}\n")
            await self.happens(lambda: bool(events))
        self.assertEqual(
            formatEvent(events[0]),
            f"{self.path}:3: 'c1' is there twice, first in line 2",
        )
        self.assertEqual(self.values, [])
        self.path.write_text(stating("second"))
        await self.comes("second")
        self.assertEqual(self.values, ["second"])

    async def test_moved(self) -> None:
        """A directory that is moved away takes nothing with it; a new one counts."""
        with capturedLogs() as events:
            self.volume.rename(self.directory / "w")
            await self.happens(lambda: bool(events))
        (self.directory / "w" / "x").write_text(stating("elsewhere"))
        self.volume.mkdir()
        self.path.write_text(stating("second"))
        await self.comes("second")
        shutil.rmtree(self.volume)
        (self.directory / "w" / "x").write_text(stating("third"))
        (self.directory / "w").rename(self.volume)
        await self.comes("third")
        self.assertEqual(self.values, ["second", "third"])
