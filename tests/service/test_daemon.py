"""The service in the background."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tests.service.places import directory, mode
from tests.service.processes import Outcome, ask, await_end, twistd


class DaemonTests(SynchronousTestCase):
    """``twistd`` without ``-n``."""

    def setUp(self) -> None:
        """Have a place for it."""
        self.directory = directory(self)
        self.socket = self.directory / "state" / "devlxd" / "sock"
        self.log = self.directory / "log"
        file = self.directory / "instances.yaml"
        file.write_text("instances: {c1: {config: {user.name: first}}}")

    def start(self, pidfile: str) -> Outcome:
        """Start one, and see to it that it does not outlive the test."""
        self.addCleanup(self.kill, self.directory / pidfile)
        return twistd(
            self.directory,
            *(f"--pidfile={pidfile}", "--logfile=log", "--rundir=/", "devlxd"),
            *("--state-dir=state", "--instances=instances.yaml", "--assume=c1"),
        )

    def kill(self, pidfile: Path) -> None:
        """End one that did not end by itself."""
        if pidfile.exists():
            os.kill(int(pidfile.read_text()), signal.SIGKILL)

    def test_life(self) -> None:
        """
        The command returns when guests can connect; the modes are as ever though a
        daemon's umask is 077; at the end socket and pid file are gone.
        """
        outcome = self.start("pid")
        self.assertEqual((outcome.code, outcome.err), (0, ""))
        self.assertEqual(ask(self.socket, "/1.0/config/user.name"), "first")
        self.assertEqual(mode(self.socket), 0o666)
        self.assertEqual(mode(self.socket.parent), 0o755)
        self.assertEqual(mode(self.socket.parent.parent), 0o711)
        pid = int((self.directory / "pid").read_text())
        lock = (self.directory / "state" / "lock").read_text()
        self.assertEqual(lock, f"{pid}\n")
        os.kill(pid, signal.SIGTERM)
        await_end(pid)
        self.assertFalse(self.socket.exists())
        self.assertFalse((self.directory / "pid").exists())
        self.assertIn("Server Shut Down", self.log.read_text())

    def test_failure(self) -> None:
        """One that cannot start says why, in the log too, and leaves no pid file."""
        self.socket.parent.mkdir(parents=True)
        self.socket.write_text("")
        outcome = self.start("pid")
        self.assertEqual(outcome.code, 1)
        self.assertIn("CannotStart: ", outcome.err)
        reason = f"{self.socket}: is there, and is no socket"
        self.assertIn(f"Cannot start: {reason}\n", self.log.read_text())
        self.assertFalse((self.directory / "pid").exists())
