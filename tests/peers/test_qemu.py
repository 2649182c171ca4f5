"""A real virtual machine asks its host, through QEMU, in software emulation."""

from __future__ import annotations

import json
import subprocess
import sys

from twisted.trial.unittest import TestCase

from tests.peers.service import environment, started_service
from tests.peers.vm import Machine, need_machine


class QEMUTests(TestCase):
    """The example, as it is."""

    timeout = 600

    def setUp(self) -> None:
        """Start what the example's first command starts."""
        file = need_machine().parent / "instances.yaml"
        self.service = started_service(self, "--instances", str(file))
        self.socket = self.service.state / "instances" / "default_vm1" / "sock"

    def _set(self, setting: str) -> None:
        subprocess.run(
            [
                *(sys.executable, "-m", "devlxd.ctl.cli"),
                *("--state-dir", self.service.state, "set", "vm1", setting),
            ],
            env=environment(),
            check=True,
        )

    def test_example(self) -> None:
        """A machine reads its own meta-data, and is told of what happens to it."""
        machine = Machine.start(self, self.socket)
        said = machine.hear("--- waiting for an event")
        self.assertIn("local-hostname: vm1", said)
        self._set("user.role=web")
        event = next(line for line in machine.rest() if line.startswith("{"))
        self.assertEqual(
            json.loads(event)["metadata"],
            {"key": "user.role", "old_value": "database", "value": "web"},
        )
