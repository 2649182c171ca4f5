"""The service without root."""

from __future__ import annotations

from tests.identity.guests import RealProcesses, into
from tests.service.cases import ASSUME, FILE, ProcessCase
from tests.service.processes import Guest, Service, ordinary_user

ASK_NAME = """
connection.sendall(b"GET /1.0/config/user.name HTTP/1.0\\r\\n\\r\\n")
print("asked", connection.makefile().read().partition("\\n\\n")[2], sep="\\n")
"""
"""What a program in a guest does that has connected."""


class UserTests(ProcessCase):
    """The service of a user who is not root."""

    def setUp(self) -> None:
        """Have one that has not started."""
        super().setUp()
        self.service.prefix = ordinary_user(self.service.directory)

    def test_runs(self) -> None:
        """It runs, recognises what it can, and says what that is."""
        said = self.service.start(FILE)
        self.assertIn("Without root only this user's own", said)
        guest = Guest(self.service.socket)
        self.addCleanup(guest.close)
        guest.request("GET", "/1.0")
        answer = guest.answer()
        self.assertEqual(answer.status, 500)
        self.assertEqual(answer.body, "Process ID not found in container\n")
        self.service.stop()
        self.service.start(FILE, ASSUME)
        self.assertEqual(self.service.ask("/1.0/config/user.name"), "first")

    def test_not_allowed(self) -> None:
        """A directory that is not this user's is told in one line."""
        closed = self.service.directory / "closed"
        closed.mkdir(0o555)
        self.assertEqual(
            self.fails("--state-dir=closed/state"),
            f"devlxd: {closed}/state: Permission denied\n",
        )


class CapabilityTests(RealProcesses):
    """The service of a user who is not root, but may look into all processes."""

    def test_recognises(self) -> None:
        """It recognises the containers of others, root's too."""
        service = Service.of(self)
        init = self.guest()
        service.write(
            "instances.yaml",
            f"instances: {{c1: {{init: {init}, config: {{user.name: first}}}}}}",
        )
        service.prefix = ordinary_user(service.directory, "sys_ptrace")
        self.assertNotIn("Without root", service.start(FILE))
        self.path = str(service.socket)
        caller = self.client(*into(init), code=ASK_NAME)
        self.assertEqual(caller.hear(), "first")
        caller.end()
