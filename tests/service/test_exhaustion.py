"""The service that may open few files."""

from __future__ import annotations

import resource
from pathlib import Path

from tests.service.cases import ASSUME, FILE, ProcessCase
from tests.service.processes import Guest


class ExhaustionTests(ProcessCase):
    """Guests wait; nothing breaks."""

    def connected(self, count: int) -> list[Guest]:
        """So many guests, each of which has asked for its name."""
        guests = [Guest(self.service.socket) for _ in range(count)]
        for guest in guests:
            self.addCleanup(guest.close)
            guest.request("GET", "/1.0/config/user.name")
        return guests

    def test_connections(self) -> None:
        """
        Half of few open files are for connections; further guests wait until others
        have gone, and are served then.
        """
        self.service.prefix = ("sh", "-c", 'ulimit -n 64; exec "$@"', "sh")
        self.service.start(FILE, ASSUME)
        guests = self.connected(50)
        for guest in guests[:32]:
            self.assertEqual(guest.answer().body, "first")
        guests[32].sock.settimeout(0.2)
        with self.assertRaises(TimeoutError):
            guests[32].answer()
        for guest in guests[:32]:
            guest.close()
        for guest in guests[33:]:
            self.assertEqual(guest.answer().body, "first")

    def test_none_left(self) -> None:
        """When no more file can be opened it lives, and goes on when one can."""
        self.service.start(FILE, ASSUME)
        self.service.ask("/1.0")
        pid = self.service.process.pid
        old = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        files = len(list(Path(f"/proc/{pid}/fd").iterdir()))
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (files + 4, old[1]))
        guests = self.connected(20)
        self.assertEqual(guests[0].answer().body, "first")
        resource.prlimit(pid, resource.RLIMIT_NOFILE, old)
        for guest in guests[1:]:
            self.assertEqual(guest.answer().body, "first")
        self.assertNotIn("Traceback", self.service.stop().out)
