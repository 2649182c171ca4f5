"""The service as its operator meets it: started, asked, stopped, killed."""

from __future__ import annotations

import signal
import socket
import sqlite3
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from devlxd import __version__
from tests.service.cases import ASSUME, FILE, ProcessCase
from tests.service.places import mode
from tests.service.processes import Guest, ask, twistd

PATHS = ("/1.0", "/1.0/config", "/1.0/config/user.name", "/1.0/meta-data")


class LifeTests(ProcessCase):
    """Starts and ends."""

    def documents(self) -> list[str]:
        """What the instance reads."""
        return [self.service.ask(path) for path in PATHS]

    def test_restart(self) -> None:
        """A restart changes nothing, and leaves nothing but the data behind."""
        self.service.start(FILE, ASSUME)
        before = self.documents()
        guests = self.service.socket.parent.stat()
        outcome = self.service.stop()
        self.assertEqual((outcome.code, outcome.err), (-signal.SIGTERM, ""))
        self.assertEqual(list(self.service.socket.parent.iterdir()), [])
        self.assertEqual(
            sorted(path.name for path in self.service.state.iterdir()),
            ["devlxd", "devlxd.db", "images", "instances", "lock"],
        )
        said = self.service.start(FILE, ASSUME)
        self.assertIn("instances.yaml: 0 created, 0 changed, 0 deleted", said)
        self.assertEqual(self.documents(), before)
        self.assertEqual(self.service.socket.parent.stat().st_ino, guests.st_ino)
        self.assertEqual(self.service.stop(signal.SIGINT).code, -signal.SIGINT)

    def test_killed(self) -> None:
        """After a ``kill -9`` what was acknowledged is there, and guests connect."""
        self.service.start(FILE, ASSUME)
        self.service.ask("/1.0", "PATCH", '{"state": "Ready"}')
        before = self.documents()
        self.service.kill()
        self.assertTrue(self.service.socket.is_socket())
        self.service.start(ASSUME)
        self.assertEqual(self.documents(), before)
        self.assertIn('"state":"Ready"', before[0])

    def test_last_answer(self) -> None:
        """A request that is on its way when the service is stopped is answered."""
        self.service.start(FILE, ASSUME, "--head-time=60")
        guest = Guest(self.service.socket)
        self.addCleanup(guest.close)
        body = '{"state": "Ready"}'
        guest.putrequest("PATCH", "/1.0")
        guest.putheader("Content-Length", str(len(body)))
        guest.endheaders(body[:5].encode())
        # An answer on a later connection tells that the first one is known, too.
        self.service.ask("/1.0")
        self.service.process.send_signal(signal.SIGTERM)
        self.service.hear("Port")
        self.assertFalse(self.service.socket.exists())
        guest.send(body[5:].encode())
        self.assertEqual(guest.answer().status, 200)
        self.assertEqual(self.service.process.wait(20), -signal.SIGTERM)
        self.service.start(ASSUME)
        self.assertIn('"state":"Ready"', self.service.ask("/1.0"))

    def test_second(self) -> None:
        """A second one on the same directory is refused and disturbs nothing."""
        self.service.start(FILE, ASSUME)
        state, pid = self.service.state.resolve(), self.service.process.pid
        outcome = twistd(
            self.service.directory,
            *("-n", "--pidfile=second.pid", "devlxd", "--state-dir=state"),
        )
        self.assertEqual(
            (outcome.code, outcome.err),
            (1, f"devlxd: {state}: in use by another devlxd (process {pid})\n"),
        )
        self.assertFalse((self.service.directory / "second.pid").exists())
        self.service.ask("/1.0")

    def test_memory(self) -> None:
        """A store in memory writes nothing, and begins anew."""
        self.service.start(FILE, ASSUME, "--store=memory")
        first = self.service.ask("/1.0/meta-data")
        self.assertEqual(
            sorted(path.name for path in self.service.state.iterdir()),
            ["devlxd", "instances", "lock", "passing-images", "unix.socket"],
        )
        self.service.stop()
        said = self.service.start(FILE, ASSUME, "--store=memory")
        self.assertIn("instances.yaml: 1 created, 1 changed, 0 deleted", said)
        self.assertNotEqual(self.service.ask("/1.0/meta-data"), first)

    def test_unusable_store(self) -> None:
        """Data that cannot be used keeps it from starting, in one line."""
        self.service.state.mkdir()
        database = self.service.state.resolve() / "devlxd.db"
        database.write_text("this is no database " * 100)
        said = self.fails()
        self.assertEqual(said, f"devlxd: {database}: file is not a database\n")
        database.unlink()
        with sqlite3.connect(database) as connection:
            connection.execute("PRAGMA user_version = 99")
        connection.close()
        self.assertIn("made by a newer release of devlxd", self.fails())
        self.assertFalse(self.service.socket.exists())


class AddressTests(ProcessCase):
    """Where guests connect."""

    def test_tcp(self) -> None:
        """A TCP port serves guests that are assumed."""
        said = self.service.start(FILE, ASSUME, "--guest=tcp:0:interface=127.0.0.1")
        port = int(said.rpartition("Guests connect at 127.0.0.1:")[2])
        with socket.create_connection(("127.0.0.1", port), 20) as guest:
            guest.sendall(b"GET /1.0/config/user.name HTTP/1.0\r\n\r\n")
            with guest.makefile("rb") as answer:
                self.assertTrue(answer.read().endswith(b"\r\n\r\nfirst"))
        self.assertFalse(self.service.socket.exists())

    def test_other_socket(self) -> None:
        """
        A UNIX socket elsewhere is where the command was given, not where ``twistd``
        goes, and has its own mode; after a ``kill -9`` it is replaced.
        """
        self.service.own = ("--rundir=/",)
        path = self.service.directory / "other"
        for _ in range(2):
            self.service.start(FILE, ASSUME, "--guest=unix:other:mode=600")
            self.assertEqual(mode(path), 0o600)
            self.assertEqual(ask(path, "/1.0/config/user.name"), "first")
            self.service.kill()

    def test_modes(self) -> None:
        """The modes are right whatever the umask."""
        self.service.start(FILE, ASSUME, umask=0o077)
        modes = {
            ".": 0o711,
            "devlxd": 0o755,
            "devlxd/sock": 0o666,
            "devlxd.db": 0o600,
            "lock": 0o600,
            "images": 0o700,
        }
        self.assertEqual(
            {name: mode(self.service.state / name) for name in modes}, modes
        )
        self.service.stop()
        self.service.start(FILE, ASSUME, "--guest-mode=0600", umask=0)
        modes["devlxd/sock"] = 0o600
        self.assertEqual(
            {name: mode(self.service.state / name) for name in modes}, modes
        )


class CommandLineTests(SynchronousTestCase):
    """What ``twistd devlxd`` says without starting anything."""

    def said(self, *arguments: str) -> tuple[int, str, str]:
        """Its exit code, output and complaints."""
        outcome = twistd(Path.cwd(), "devlxd", *arguments)
        return outcome.code, outcome.out, outcome.err

    def test_version(self) -> None:
        """``--version`` is devlxd's, not Twisted's."""
        self.assertEqual(self.said("--version"), (0, f"devlxd {__version__}\n", ""))

    def test_help(self) -> None:
        """``--help`` begins with how the command is written."""
        code, out, err = self.said("--help")
        self.assertEqual((code, err), (0, ""))
        self.assertTrue(out.startswith("Usage: twistd [options] devlxd [options]\n"))

    def test_mistake(self) -> None:
        """A mistake is one line on standard error, and the exit code 1."""
        for option, complaint in {
            "--store=x": "--store x: must be sqlite or memory",
            "--guest=nope:x": "--guest nope:x: Unknown endpoint type: 'nope'",
        }.items():
            self.assertEqual(
                self.said(option), (1, "", f"twistd devlxd: {complaint}\n")
            )
