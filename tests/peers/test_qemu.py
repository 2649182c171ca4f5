"""A real virtual machine asks its host, through QEMU, in software emulation."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from twisted.trial.unittest import TestCase

from tests.need import need_program
from tests.peers.inside import program_in, python_in
from tests.peers.service import environment, started_service
from tests.peers.vm import Machine, need_machine

# What the machine of the agents boots into.
_INIT = """\
#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
while read -r module; do insmod "/modules/$module"; done </modules/order
ip link set lo up
ip link set eth0 up
ip addr add 10.0.2.15/24 dev eth0

DEVLXD
there() {
    for _ in $(seq 600); do [ -S "$1" ] && return; sleep 0.1; done
    echo "no $1"
    poweroff -f
}

ask() {
    printf 'GET /1.0/config/user.role HTTP/1.0\\r\\n\\r\\n' |
        socat -t30 - "UNIX-CONNECT:$1" | tail -n 1
}

socat -t30 UNIX-LISTEN:/tmp/socat,fork,mode=600,unlink-early TCP:10.0.2.100:80 &
there /tmp/socat
echo "socat: $(ask /tmp/socat)"

devlxd agent --to tcp:10.0.2.100:80 &
there /dev/lxd/sock
ls -l /dev/lxd/sock
echo "tcp: $(ask /dev/lxd/sock)"

socat VSOCK-LISTEN:80,fork TCP:10.0.2.100:80 &
devlxd agent --socket /tmp/vsock --to vsock:1:80 &
there /tmp/vsock
echo "vsock: $(ask /tmp/vsock)"

echo "--- waiting for an event"
devlxd --socket /tmp/vsock events --since 0 | head -n 1
poweroff -f
"""


class QEMUTests(TestCase):
    """The example, as it is."""

    timeout = 1200

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

    def test_agent(self) -> None:
        """
        In a machine the agent serves /dev/lxd/sock, by TCP and by vsock, and socat does
        as the manual says.
        """
        files = Path(self.mktemp())
        files.mkdir()
        define = python_in(files)
        program_in(files, need_program("socat", "socat"))
        init = Path(self.mktemp())
        init.write_text(_INIT.replace("DEVLXD", define))
        machine = Machine.start(
            self,
            self.socket,
            FILES=str(files),
            INIT=str(init),
            MEMORY="1024",
            MODULES="vsock_loopback",
        )
        said = machine.hear("--- waiting for an event")
        self.assertIn("srw-------", " ".join(said))
        ways = {line for line in said if line.endswith(": database")}
        self.assertEqual(
            ways, {f"{way}: database" for way in ("socat", "tcp", "vsock")}
        )
        self._set("user.role=web")
        self.assertIn("user.role: database -> web", " ".join(machine.rest()))
