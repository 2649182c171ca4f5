"""The service that may open few files."""

from __future__ import annotations

import resource
from pathlib import Path

from tests.need import need_namespaces
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


class WatchTests(ProcessCase):
    """A service that may not watch its file runs on without it."""

    def limit(self, name: str) -> str:
        """
        Start one that may have none of something of inotify's.

        :return: what it says of the file.
        """
        need_namespaces()
        script = f'echo 0 > /proc/sys/user/{name}; exec "$@"'
        users = ("unshare", "--user", "--map-root-user")
        self.service.prefix = (*users, "sh", "-c", script, "sh")
        said = self.service.start(FILE, ASSUME)
        (line,) = (x for x in said.splitlines() if "edits are not followed" in x)
        file = f"{self.service.directory.resolve()}/instances.yaml: "
        self.service.write("instances.yaml", "- broken")
        self.assertEqual(self.service.ask("/1.0/config/user.name"), "first")
        self.assertNotIn("Traceback", self.service.stop().out)
        return line.partition(file)[2]

    def test_queues(self) -> None:
        """Its log says that there are too many queues, and what helps."""
        self.assertEqual(
            self.limit("max_inotify_instances"),
            "edits are not followed: Too many open files; raise "
            "fs.inotify.max_user_instances with sysctl, or LimitNOFILE",
        )

    def test_watches(self) -> None:
        """Or too many watches."""
        self.assertEqual(
            self.limit("max_inotify_watches"),
            f"edits are not followed: {self.service.directory.resolve()}: No space "
            "left on device; raise fs.inotify.max_user_watches with sysctl",
        )
