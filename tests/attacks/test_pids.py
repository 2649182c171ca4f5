"""Pids that are given away again and again."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from devlxd.identity.kernel import LINUX, Linux53
from tests.attacks import case
from tests.attacks.guests import Guest, program
from tests.attacks.length import longer, tell
from tests.need import lacking

_CONNECTIONS = 1000  # of each of two containers


class PidTests(case.AttackCase):
    """
    The service and its containers are in a pid namespace of their own, where the next
    pid can be set without a change for the host (``ns_last_pid``, pid_namespaces(7)).
    """

    prefix = (
        *("unshare", "--pid", "--mount", "--propagation", "private", "--mount-proc"),
        *("--fork", "--kill-child"),
    )

    def test_reuse(self) -> None:
        """
        No process is ever taken for one that had its pid before, nor for one that has
        got its pid since, in another container.
        """
        if isinstance(LINUX, Linux53):
            lacking("needs Linux 6.5, which keeps the peer of a connection")
        if not Path("/proc/sys/kernel/ns_last_pid").exists():
            lacking("needs a kernel with CONFIG_CHECKPOINT_RESTORE")
        names = ("red", "blue")
        guests = [self.contained(name) for name in names]
        self.wind()
        count = longer(_CONNECTIONS)
        runs = [
            guest.started("recycling", self.path, name, count)
            for guest, name in zip(guests, names, strict=True)
        ]
        found: list[dict[str, Any]] = [json.loads(x.communicate()[0]) for x in runs]
        red, blue = found
        self.assertEqual((red["other"], blue["other"]), ({}, {}))
        pids = set(red["pids"]) | set(blue["pids"])
        shared = set(red["pids"]) & set(blue["pids"])
        self.assertLess(len(pids), count)
        self.assertGreater(len(shared), 1)
        own, refused = (sum(each[x] for each in found) for x in ("own", "refused"))
        self.assertGreaterEqual(own, count)
        tell(connections=2 * count, pids=len(pids), own=own, refused=refused)

    def contained(self, name: str) -> Guest:
        """A container beside the service, with the latter's proc file system."""
        guest = self.guest(options=(), place=self.beside(), depth=2)
        status = Path(f"/proc/{guest.init}/status").read_text()
        (line,) = (x for x in status.splitlines() if x.startswith("NSpid:"))
        self.register(name, int(line.split()[2]))
        return guest

    def wind(self) -> None:
        """Have pids be used again, until the end of the test."""
        winding = subprocess.Popen(
            [*self.beside(), *program("winding")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.addCleanup(winding.communicate)
        assert winding.stdout is not None
        self.assertEqual(winding.stdout.readline(), b"ready\n")

    def beside(self) -> tuple[str, ...]:
        """The command that runs another one where the service is."""
        target = ("--target", str(self.service.pid))
        return ("nsenter", *target, "--pid", "--mount", "--")
