"""Hearing that a file may have been edited."""

from __future__ import annotations

import os
from pathlib import Path
from resource import RLIMIT_NOFILE, getrlimit, setrlimit

from twisted.logger import capturedLogs, formatEvent

from devlxd.testing.locators import open_descriptors
from tests.service.watching import Watching

_NOBODY = 65534


class ChangeTests(Watching):
    """`FileWatch` hears of all that may change a file's content."""

    def setUp(self) -> None:
        """Watch."""
        super().setUp()
        self.watch.start()

    def test_closed(self) -> None:
        """A file that is written in place is told of when it is closed."""
        with self.file.open("w") as file:
            self.assertFalse(self.hears())
            self.assertTrue(self.watch.is_written)
            file.write("second")
            file.flush()
            self.assertFalse(self.hears())
            self.assertTrue(self.watch.is_written)
        self.assertHeard()

    def test_renamed(self) -> None:
        """So is one that is renamed to it, again and again."""
        for number in range(3):
            (self.volume / "new").write_text(str(number))
            self.assertUnheard()
            (self.volume / "new").rename(self.file)
            self.assertHeard()
        with self.file.open("w"):
            self.assertFalse(self.hears())
            self.assertTrue(self.watch.is_written)
        self.assertHeard()

    def test_new(self) -> None:
        """A new one is told of when it is closed, however long that takes."""
        self.file.unlink()
        self.assertHeard()
        with self.file.open("w") as file:
            self.assertFalse(self.hears())
            self.assertTrue(self.watch.is_written)
            file.write("x")
            file.flush()
            self.assertFalse(self.hears())
        self.assertHeard()

    def test_new_at_once(self) -> None:
        """It is told of, too, when all of that happened before anybody looked."""
        self.file.unlink()
        self.file.write_text("second")
        self.assertHeard()

    def test_short_lived(self) -> None:
        """One that has gone again is not waited for."""
        self.file.unlink()
        self.file.write_text("second")
        self.file.unlink()
        self.assertHeard()

    def test_unfinished_and_gone(self) -> None:
        """Nor is one that went while it was written."""
        with self.file.open("w"):
            self.assertFalse(self.hears())
            self.file.unlink()
            self.assertHeard()

    def test_linked(self) -> None:
        """One that was written elsewhere and is given its name is complete."""
        (self.volume / "new").write_text("second")
        self.file.unlink()
        self.file.hardlink_to(self.volume / "new")
        self.assertHeard()

    def test_other_name(self) -> None:
        """Writing to the same file under another name is told of."""
        (self.directory / "other").hardlink_to(self.file)
        (self.directory / "other").write_text("second")
        self.assertHeard()

    def test_others(self) -> None:
        """What happens to other files is not."""
        (self.volume / "y").write_text("")
        (self.directory / "x").write_text("")
        self.assertUnheard()

    def test_directory_moved(self) -> None:
        """A directory that is moved away is told of, and so is a new one."""
        self.volume.rename(self.directory / "w")
        self.assertHeard()
        (self.directory / "w" / "x").write_text("elsewhere")
        self.assertUnheard()
        self.volume.mkdir()
        self.assertHeard()
        self.file.write_text("second")
        self.assertHeard()

    def test_directory_filled(self) -> None:
        """What is in a new directory already is told of, unless it is empty."""
        self.file.unlink()
        self.volume.rmdir()
        self.assertHeard()
        self.volume.mkdir()
        file = self.file.open("w")
        self.addCleanup(file.close)
        self.assertFalse(self.hears())
        self.assertTrue(self.watch.is_written)
        file.write("second")
        file.close()
        self.assertHeard()

    def test_whole_way(self) -> None:
        """A tree that comes back level by level is followed into."""
        self.volume.rename(self.directory / "w")
        parent = self.directory.with_name(f"{self.directory.name}.moved")
        self.directory.rename(parent)
        self.assertHeard()
        self.directory.mkdir()
        self.assertHeard()
        (parent / "w").rename(self.volume)
        self.assertHeard()
        parent.rmdir()
        self.file.write_text("second")
        self.assertHeard()

    def test_lost(self) -> None:
        """When notifications were lost, there may be something to read."""
        limit = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
        names = self.volume / "1", self.volume / "2"
        names[0].write_text("")
        for _ in range(limit // 4 + 1):
            names[0].rename(names[1])
            names[1].rename(names[0])
        while self.changes == 0:
            self.watch.catch_up()
        self.assertEqual(self.changes, 1)
        self.file.write_text("second")
        self.assertHeard()

    def test_stop(self) -> None:
        """Once it is stopped it hears nothing and holds nothing."""
        before = open_descriptors()
        self.watch.stop()
        self.assertEqual(open_descriptors(), before - 1)
        self.assertEqual(self.reactor.getReaders(), [])
        self.file.write_text("second")
        self.assertUnheard()


class LinkTests(Watching):
    """`FileWatch` follows links."""

    def link(self, target: str) -> None:
        """Switch ``..data`` as Kubernetes does."""
        (self.volume / "..data_tmp").symlink_to(target)
        (self.volume / "..data_tmp").rename(self.volume / "..data")

    def setUp(self) -> None:
        """Watch a file in a ConfigMap's volume."""
        super().setUp()
        for number in ("..1", "..2"):
            (self.volume / number).mkdir()
            (self.volume / number / "x").write_text(number)
        self.file.unlink()
        self.link("..1")
        self.file.symlink_to("..data/x")
        self.watch.start()

    def test_switch(self) -> None:
        """The switch of a link is told of; what it led to before is no more."""
        self.link("..2")
        self.assertHeard()
        (self.volume / "..1" / "x").write_text("old")
        self.assertUnheard()
        (self.volume / "..2" / "x").write_text("new")
        self.assertHeard()
        (self.volume / "..1" / "x").unlink()
        self.assertUnheard()

    def test_target(self) -> None:
        """So is what happens to the file behind it."""
        target = self.volume / "..1" / "x"
        target.write_text("second")
        self.assertHeard()
        (self.volume / "new").write_text("third")
        (self.volume / "new").rename(target)
        self.assertHeard()

    def test_new_link(self) -> None:
        """A new link is, too, when something is behind it."""
        self.file.unlink()
        self.assertHeard()
        self.file.symlink_to("..2/x")
        self.assertHeard()
        self.file.unlink()
        self.assertHeard()
        self.file.symlink_to("nowhere")
        self.assertHeard()
        (self.volume / "nowhere").write_text("there")
        self.assertHeard()


class RefusedTests(Watching):
    """Where a file cannot be watched, the service runs on."""

    def test_too_many(self) -> None:
        """When there are too many queues, the log says so and what helps."""
        soft, hard = getrlimit(RLIMIT_NOFILE)
        setrlimit(RLIMIT_NOFILE, (3, hard))
        try:
            said = self.said()
        finally:
            setrlimit(RLIMIT_NOFILE, (soft, hard))
        self.assertEqual(
            said,
            [
                f"{self.file}: edits are not followed: Too many open files; raise "
                "fs.inotify.max_user_instances with sysctl, or LimitNOFILE"
            ],
        )
        self.file.write_text("second")
        self.assertUnheard()
        self.watch.stop()

    def as_somebody(self) -> None:
        """Be no root, whom no mode can refuse anything, until the test ends."""
        if os.geteuid() != 0:
            return
        for path in (self.directory, self.volume, self.file):
            os.chown(path, _NOBODY, -1)
        self.addCleanup(os.seteuid, os.geteuid())
        os.seteuid(_NOBODY)

    def test_forbidden(self) -> None:
        """A directory that may not be read cannot be watched."""
        self.as_somebody()
        self.volume.chmod(0o311)
        said = f"{self.file}: edits are not followed: {self.volume}: Permission denied"
        self.assertEqual(self.said(), [said])
        self.volume.chmod(0o755)

    def test_forbidden_later(self) -> None:
        """So it is with one that takes its place; but it is noticed when that goes."""
        self.as_somebody()
        self.watch.start()
        self.volume.rename(self.directory / "w")
        self.volume.mkdir(0o311)
        with capturedLogs() as events:
            self.assertHeard()
        self.assertIn("Permission denied", formatEvent(events[-1]))
        self.volume.rmdir()
        self.assertHeard()

    def test_passed_through(self) -> None:
        """One on the way that may be entered, but not read, keeps nobody from it."""
        self.as_somebody()
        self.directory.chmod(0o311)
        self.assertEqual(self.said(), [])
        self.file.write_text("second")
        self.assertHeard()
        self.directory.chmod(0o755)
