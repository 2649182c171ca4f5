"""Sockets of virtual machines, as their operator meets them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tests.need import need_program, need_root
from tests.peers.service import until
from tests.service.places import mode
from tests.service.processes import Guest, Service, ask

_FILE = "--instances=instances.yaml"
_MACHINES = "instances: {vm1: {type: virtual-machine, config: {user.name: first}}}"
_NAME = "/1.0/config/user.name"
_STRANGER = 65534


class ProcessTests(SynchronousTestCase):
    """A service with a virtual machine, in a process of its own."""

    def setUp(self) -> None:
        """Have a service that has not started."""
        self.service = Service.of(self)
        self.service.write("instances.yaml", _MACHINES)

    @property
    def path(self) -> Path:
        """The socket of the machine."""
        return self.service.state / "instances" / "default_vm1" / "sock"

    def test_modes(self) -> None:
        """Whatever the umask, nobody else may enter its directory."""
        self.service.start(_FILE, umask=0o077)
        self.assertEqual(ask(self.path, _NAME), "first")
        places = (self.path.parent.parent, self.path.parent, self.path)
        self.assertEqual([mode(each) for each in places], [0o711, 0o700, 0o666])

    def test_killed(self) -> None:
        """After a ``kill -9`` machines connect where they did."""
        self.service.start(_FILE)
        number = self.path.parent.stat().st_ino
        self.service.kill()
        self.assertTrue(self.path.is_socket())
        self.service.start()
        self.assertEqual(ask(self.path, _NAME), "first")
        self.assertEqual(self.path.parent.stat().st_ino, number)

    def test_gone_meanwhile(self) -> None:
        """Nothing is left of a machine that went while the service was away."""
        self.service.start(_FILE)
        self.service.kill()
        self.service.write("instances.yaml", "instances: {}")
        self.service.start(_FILE)
        self.assertEqual(list(self.path.parent.parent.iterdir()), [])

    def test_last_answer(self) -> None:
        """A request that has begun when the service is stopped is answered."""
        self.service.start(_FILE, "--head-time=60")
        guest = Guest(self.path)
        self.addCleanup(guest.close)
        guest.connect()
        guest.sock.sendall(
            b"PATCH /1.0 HTTP/1.1\r\nHost: x\r\nContent-Length: 17\r\n\r\n"
        )
        ask(self.path, _NAME)
        self.service.process.terminate()
        until(lambda: not self.service.socket.exists(), "the end to begin")
        guest.sock.sendall(b'{"state":"Ready"}')
        self.assertIn(b"HTTP/1.1 200 OK", guest.sock.recv(4096))
        self.service.stop()
        self.assertEqual(list(self.path.parent.iterdir()), [])

    def test_given_away(self) -> None:
        """A hypervisor of another user is let in by the directory's group, to stay."""
        need_root()
        setpriv = need_program("setpriv", "util-linux")
        user = (f"--reuid={_STRANGER}", f"--regid={_STRANGER}", "--clear-groups")
        client = (need_program("socat", "socat"), "-u", "OPEN:/dev/null")

        def connects() -> bool:
            """Whether that user can."""
            argv = [setpriv, *user, *client, f"UNIX-CONNECT:{self.path}"]
            return (
                subprocess.run(argv, capture_output=True, check=False).returncode == 0
            )

        self.service.start(_FILE)
        self.assertFalse(connects())
        os.chown(self.path.parent, -1, _STRANGER)
        self.path.parent.chmod(0o710)
        self.assertTrue(connects())
        self.service.stop()
        self.service.start(_FILE)
        self.assertTrue(connects())
