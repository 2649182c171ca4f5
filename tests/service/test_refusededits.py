"""Edits of the instances file that cannot be followed change nothing."""

from __future__ import annotations

import os

from twisted.logger import LogLevel, capturedLogs

from devlxd.errors import StoreFailure
from devlxd.host.yamltree import BadFile
from tests.service.edits import Editing


class RefusedTests(Editing):
    """An edit that cannot be followed changes nothing and is told of."""

    def test_broken(self) -> None:
        """One that cannot be read is an error in the log, with its line, once."""
        with capturedLogs() as events:
            self.follows("instances:\n  c1: 5\n")
            self.follows("instances:\n  c1: 5\n")
        expected = "instances.yaml:2: expected a map, but this is a text"
        self.assertEqual(self.said(events), [(LogLevel.error, expected)])
        self.assertEqual(self.done, [])

    def test_repaired(self) -> None:
        """After it, the one that was there before is applied as any other."""
        self.follows("- broken")
        self.follows("")
        self.assertEqual(self.done, [("apply", b"")])
        self.succeed()
        self.succeed()

    def test_impossible(self) -> None:
        """One that asks for what cannot be is too, and no process is registered."""
        self.follows("instances: {}")
        with capturedLogs() as events:
            self.give_up(BadFile(7, "no such profile"))
        self.assertEqual(
            self.said(events), [(LogLevel.error, "instances.yaml:7: no such profile")]
        )
        self.assertEqual(len(self.done), 1)

    def test_not_durable(self) -> None:
        """So is one that the disk does not take."""
        self.follows("instances: {}")
        with capturedLogs() as events:
            self.give_up(StoreFailure())
        expected = "instances.yaml: Failed saving the change"
        self.assertEqual(self.said(events), [(LogLevel.error, expected)])

    def test_again(self) -> None:
        """What cannot be applied now is tried again when it is written again."""
        for error in (BadFile(7, "no such profile"), StoreFailure()):
            self.follows("instances: {}")
            self.give_up(error)
        self.follows("instances: {}")
        self.succeed()
        self.succeed()
        self.assertEqual([what for what, _ in self.done], [*["apply"] * 3, "register"])

    def test_fault(self) -> None:
        """A fault of ours is logged, and the next edit is followed."""
        self.follows("instances: {}")
        self.give_up(ZeroDivisionError())
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        self.follows("instances: {}")
        self.succeed()
        self.succeed()
        self.assertEqual(
            [what for what, _ in self.done], ["apply", "apply", "register"]
        )


class UnreadableTests(Editing):
    """What is not there or no file changes nothing."""

    def assertWarned(self, reason: str) -> None:
        """Check that the log tells of what has just happened, once."""
        with capturedLogs() as events:
            for _ in range(2):
                self.notice()
                self.edited.notified()
                self.pause()
                self.read()
        warning = f"instances.yaml: {reason}; what it said last stays"
        self.assertEqual(self.said(events), [(LogLevel.warn, warning)])
        self.assertEqual(self.done, [])

    def test_gone(self) -> None:
        """A file that is gone is warned of, and again when it has been back."""
        for _ in range(2):
            self.path.unlink()
            self.assertWarned("No such file or directory")
            self.follows("")

    def test_no_file(self) -> None:
        """What has taken its place and is no file is not waited for."""
        self.path.unlink()
        self.path.mkdir()
        self.assertWarned("Not a regular file")
        self.path.rmdir()
        self.follows("")
        pipe = self.path.with_name("pipe")
        os.mkfifo(pipe)
        pipe.rename(self.path)
        self.assertWarned("Not a regular file")
