"""Who has the state directory, and what is in it."""

from __future__ import annotations

import os
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from devlxd.errors import CannotStart
from devlxd.service.statedirectory import StateDirectory
from devlxd.testing.locators import open_descriptors
from tests.service.places import directory, mode


class StateDirectoryTests(SynchronousTestCase):
    """`StateDirectory` makes what is missing, and is one service's."""

    def setUp(self) -> None:
        """Have a place for it."""
        self.path = directory(self) / "state"

    def started(self) -> StateDirectory:
        """One that is in use until the test ends."""
        state = StateDirectory(self.path)
        state.startService()
        self.addCleanup(state.stopService)
        return state

    def assertRefuses(self, reason: str, path: Path | None = None) -> None:
        """Check why it cannot start, and that nothing stays open."""
        state = StateDirectory(path or self.path)
        before = open_descriptors()
        with self.assertRaises(CannotStart) as caught:
            state.startService()
        self.assertEqual(str(caught.exception), reason)
        self.assertEqual(open_descriptors(), before)
        self.assertFalse(state.running)

    def test_paths(self) -> None:
        """Database, images and sockets have their places in it."""
        state = StateDirectory(self.path)
        self.assertEqual(state.database, self.path / "devlxd.db")
        self.assertEqual(state.guest_socket, self.path / "devlxd" / "sock")
        self.assertEqual(state.host_socket, self.path / "unix.socket")
        self.assertEqual(state.images, self.path / "images")
        self.assertEqual(state.passing_images, self.path / "passing-images")

    def test_shown(self) -> None:
        """What guests are shown may be called otherwise."""
        state = StateDirectory(self.path, "guestapi")
        state.startService()
        self.addCleanup(state.stopService)
        self.assertEqual(state.guest_socket, self.path / "guestapi" / "sock")
        self.assertEqual(mode(self.path / "guestapi"), 0o755)
        self.assertFalse((self.path / "devlxd").exists())

    def test_made(self) -> None:
        """
        It is made with its parents; everybody can get to the guests' directory, and
        nobody sees what else there is.
        """
        self.path = self.path / "of" / "mine"
        self.started()
        self.assertEqual(mode(self.path), 0o711)
        self.assertEqual(mode(self.path / "devlxd"), 0o755)
        self.assertEqual(mode(self.path / "lock"), 0o600)

    def test_umask(self) -> None:
        """A daemon's umask changes none of that."""
        self.addCleanup(os.umask, os.umask(0o077))
        self.started()
        self.assertEqual(mode(self.path), 0o711)
        self.assertEqual(mode(self.path / "devlxd"), 0o755)

    def test_kept(self) -> None:
        """What is there stays as it is, be it of another mode."""
        (self.path / "devlxd").mkdir(parents=True)
        self.path.chmod(0o700)
        (self.path / "devlxd").chmod(0o750)
        before = (self.path / "devlxd").stat()
        self.started()
        self.assertEqual(mode(self.path), 0o700)
        self.assertEqual(mode(self.path / "devlxd"), 0o750)
        self.assertEqual((self.path / "devlxd").stat().st_ino, before.st_ino)

    def test_in_use(self) -> None:
        """A second service is told which process has it."""
        self.started()
        reason = f"{self.path}: in use by another devlxd (process {os.getpid()})"
        self.assertRefuses(reason)

    def test_in_use_by_unknown(self) -> None:
        """Even when that process has not written its pid yet."""
        self.started()
        (self.path / "lock").write_text("")
        self.assertRefuses(f"{self.path}: in use by another devlxd (process unknown)")

    def test_left(self) -> None:
        """It is free again when its service has stopped."""
        state = StateDirectory(self.path)
        state.startService()
        state.stopService()
        self.assertFalse(state.running)
        state.stopService()
        self.started()

    def test_lock_of_the_dead(self) -> None:
        """The lock file of a service that was killed keeps nobody out."""
        self.path.mkdir()
        (self.path / "lock").write_text("123456789 and more\n")
        self.started()
        self.assertEqual((self.path / "lock").read_text(), f"{os.getpid()}\n")

    def test_no_place(self) -> None:
        """What cannot be made is told with the reason."""
        self.path.write_text("")
        self.assertRefuses(f"{self.path}: File exists")
        within = self.path / "state"
        self.assertRefuses(f"{within}: Not a directory", within)

    def test_no_lock(self) -> None:
        """So is a lock that cannot be had."""
        (self.path / "lock").mkdir(parents=True)
        self.assertRefuses(f"{self.path}/lock: Is a directory")

    def test_unwritable_lock(self) -> None:
        """When the pid cannot be written, the lock is let go of again."""
        self.path.mkdir()
        (self.path / "lock").symlink_to("/dev/full")
        self.assertRefuses(f"{self.path}: Invalid argument")
