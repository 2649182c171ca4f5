"""Tests of a service that lives in namespaces itself."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import devlxd
from tests.identity import guests
from tests.identity.guests import UNSHARE

SERVICE = """
import socket, sys
from subprocess import PIPE, Popen
from twisted.internet.testing import MemoryReactor
from devlxd.errors import Refusal
from devlxd.identity.credentials import peer_of
from devlxd.identity.kernel import Linux, Linux53, Linux65
from devlxd.identity.namespaces import Namespaces
from devlxd.identity.registry import Registry
from devlxd.model.names import InstanceName
from tests.identity.guests import SLEEP, UNSHARE, Program, Transport, into

guest = Program.start(*UNSHARE, *SLEEP)
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen()
print("ready", flush=True)
input()
if sys.argv[2] == "guest":
    code = "import socket, sys; s = socket.socket(1); s.connect(sys.argv[1]); input()"
    argv = (*into(guest.child()), sys.executable, "-c", code, sys.argv[1])
    client = Popen(argv, stdin=PIPE)
connection = Transport(listener.accept()[0])
for kernel in (Linux(), Linux65(), Linux53()):
    registry = Registry(Namespaces.here(kernel), MemoryReactor())
    registry.register(InstanceName("default", "c1"), guest.child(), lambda: None)
    with peer_of(connection, kernel) as peer:
        try:
            located = registry.locate(peer)
        except Refusal as refusal:
            print(peer.pid, peer.uid, refusal.text, flush=True)
        else:
            print(located.name, located.root_uid, located.is_root(peer), flush=True)
if sys.argv[2] == "guest":
    client.communicate()
guest.end()
"""


class InsideTests(guests.RealProcesses):
    """A service in a container of its own recognises guests inside that."""

    def service(self, *options: str, peer: str) -> guests.Program:
        """
        Start a service in a new pid namespace.

        :param peer: ``guest`` if a guest of its own is to connect, once it is told to
            go on.
        """
        self.path = str(self.directory() / "sock")
        root = str(Path(devlxd.__file__).parent.parent)
        environment = ("env", f"PYTHONPATH={os.pathsep.join([root, *sys.path])}")
        python = (*environment, sys.executable, "-c", SERVICE, self.path, peer)
        return self.start(*UNSHARE, "--mount-proc", *options, *python)

    def answers(self, service: guests.Program) -> list[str]:
        """What the service says of its peer, for each kernel, once it goes on."""
        service.say("go")
        return [service.hear() for _ in range(3)]

    def test_peer_outside(self) -> None:
        """A peer outside, which has no number here, is in no instance."""
        service = self.service(peer="outside")
        client = socket.socket(socket.AF_UNIX)
        self.addCleanup(client.close)
        client.connect(self.path)
        self.assertEqual(
            self.answers(service), ["0 0 Process ID not found in container"] * 3
        )

    def test_guest(self) -> None:
        """A guest inside is recognised."""
        service = self.service(peer="guest")
        self.assertEqual(self.answers(service), ["default/c1 0 True"] * 3)

    def test_shared_users(self) -> None:
        """
        Where guests share the user namespace of a service that has one of its own,
        root is who has uid 0 there.
        """
        service = self.service("--user", "--keep-caps", peer="guest")
        # The guest, which runs as root of the host, has uid 7 there.
        Path(f"/proc/{service.child()}/uid_map").write_text("0 100000 7\n7 0 1\n")
        self.assertEqual(self.answers(service), ["default/c1 0 False"] * 3)
