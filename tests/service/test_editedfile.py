"""The edits of the instances file are followed one by one."""

from __future__ import annotations

from twisted.internet.defer import Deferred

from tests.service.edits import Editing


class FollowedTests(Editing):
    """`EditedFile` has each edit applied."""

    def test_applied(self) -> None:
        """An edit is applied, and after that its processes are registered."""
        self.follows("instances: {c1: {}}")
        self.assertEqual(self.done, [("apply", b"instances: {c1: {}}")])
        self.succeed()
        self.assertEqual(self.done[1:], [("register", b"instances: {c1: {}}")])
        self.succeed()

    def test_quiet(self) -> None:
        """It is read when nothing has happened for 50 ms."""
        for _ in range(5):
            self.edit("instances: {c1: {}}")
            self.pause(0.04)
        self.assertEqual(self.thread.work, [])
        self.pause(0.01)
        self.assertEqual(len(self.thread.work), 1)
        self.read()
        self.assertEqual(len(self.done), 1)
        self.succeed()
        self.succeed()

    def test_restless(self) -> None:
        """Or after a second, when something happens all the time."""
        for _ in range(25):
            self.edit("instances: {c1: {}}")
            self.pause(0.039)
        self.assertEqual(self.thread.work, [])
        self.edit("instances: {c2: {}}")
        self.pause(0.025)
        self.read()
        self.assertEqual(self.done, [("apply", b"instances: {c2: {}}")])
        self.succeed()
        self.succeed()

    def test_same(self) -> None:
        """What is known already is not even parsed."""
        self.edit("")
        self.pause()
        self.thread.release()
        self.assertEqual(self.thread.work, [])
        self.assertEqual(self.done, [])

    def test_before(self) -> None:
        """What was edited between the first reading and the start is an edit."""
        self.successResultOf(self.edited.stopService())
        self.path.write_text("instances: {c1: {}}")
        self.follow()
        self.assertEqual(self.done, [("apply", b"instances: {c1: {}}")])
        self.succeed()
        self.succeed()

    def test_one_by_one(self) -> None:
        """While one is being applied others wait, and the last of them is the next."""
        self.follows("instances: {c1: {}}")
        for number in range(2, 5):
            self.edit(f"instances: {{c{number}: {{}}}}")
            self.pause()
        self.assertEqual(self.thread.work, [])
        self.succeed()
        self.assertEqual(self.thread.work, [])
        self.succeed()
        self.read()
        self.assertEqual(self.done[2:], [("apply", b"instances: {c4: {}}")])
        self.succeed()
        self.succeed()
        self.assertEqual(self.thread.work, [])

    def test_written_while_read(self) -> None:
        """What was read while it was written is not applied, but what it becomes."""
        self.edit("instances: {c1: {}}")
        self.pause()
        with self.path.open("w") as file:
            self.read()
            file.write("instances: {c2: {}}")
            file.flush()
            self.notice()
            self.edited.notified()
            self.pause()
            self.assertEqual(self.thread.work, [])
        self.notice()
        self.pause()
        self.read()
        self.assertEqual(self.done, [("apply", b"instances: {c2: {}}")])
        self.succeed()
        self.succeed()

    def test_written_after_it_was_read(self) -> None:
        """It is told a little later that somebody writes than what he has written."""
        self.edit("instances: {c1: {}}")
        self.pause()
        self.thread.release()
        self.pause(0.04)
        self.path.write_text("instances: {c2: {}}")
        self.pause(0.01)
        self.assertEqual(self.thread.work, [])
        self.pause()
        self.read()
        self.assertEqual(self.done, [("apply", b"instances: {c2: {}}")])
        self.succeed()
        self.succeed()

    def test_replaced_after_it_was_read(self) -> None:
        """One that is replaced as a whole is applied before the one that does."""
        self.edit("instances: {c1: {}}")
        self.pause()
        self.thread.release()
        new = self.path.with_name("new")
        new.write_text("instances: {c2: {}}")
        new.rename(self.path)
        self.notice()
        self.pause()
        self.thread.release()
        self.succeed()
        self.succeed()
        self.read()
        self.succeed()
        self.succeed()
        contents = [content for what, content in self.done if what == "apply"]
        self.assertEqual(contents, [b"instances: {c1: {}}", b"instances: {c2: {}}"])


class StopTests(Editing):
    """`EditedFile` leaves nothing behind."""

    def stop(self) -> Deferred[None]:
        """Stop it."""
        return self.edited.stopService()

    def test_before_reading(self) -> None:
        """What was noticed just before the end is left to the next start."""
        self.edit("instances: {c1: {}}")
        self.successResultOf(self.stop())

    def test_while_reading(self) -> None:
        """Reading is waited for, and comes to nothing."""
        self.edit("instances: {c1: {}}")
        self.pause()
        stopped = self.stop()
        self.assertNoResult(stopped)
        self.thread.release()
        self.assertNoResult(stopped)
        self.pause()
        self.successResultOf(stopped)

    def test_while_parsing(self) -> None:
        """So is parsing."""
        self.edit("instances: {c1: {}}")
        self.pause()
        self.thread.release()
        self.pause()
        stopped = self.stop()
        self.assertNoResult(stopped)
        self.thread.release()
        self.successResultOf(stopped)
        self.assertEqual(self.done, [])

    def test_while_applying(self) -> None:
        """An edit that is being applied is waited for, but none that waits."""
        self.follows("instances: {c1: {}}")
        self.edit("instances: {c2: {}}")
        self.pause()
        stopped = self.stop()
        self.succeed()
        self.assertNoResult(stopped)
        self.succeed()
        self.successResultOf(stopped)
        self.assertEqual([what for what, _ in self.done], ["apply", "register"])
