"""A service, the guests that attack it, and those that they want something of."""

from __future__ import annotations

import json
import re
import shutil
import socket
import tempfile
from http.client import HTTPConnection
from pathlib import Path
from typing import ClassVar

from twisted.trial.unittest import SynchronousTestCase

from tests.attacks.guests import Guest, output, program
from tests.need import need_namespaces
from tests.peers.service import Service
from tests.service.processes import ask

NAMES = ("red", "blue", "idle")
"""The instances; nothing ever runs that is the last one."""

STRANGER = "500 Process ID not found in container"
NOT_ROOT = "401 Access denied for non-root user"
_PATIENCE = 60.0  # seconds; the machine may be busy
_SIZE = re.compile(r"^VmRSS:\s+(\d+) kB$", re.MULTILINE)
_ONE_OF = "  {name}: {{config: {{user.name: {name}, user.secret: of-{name}-only}}}}\n"


class Connection(HTTPConnection):
    """A connection that was made before."""

    def __init__(self, made: socket.socket) -> None:
        super().__init__("lxd")
        self.sock = made
        made.settimeout(_PATIENCE)

    def asked(self) -> str:
        """The status and the body of the answer to who we are."""
        self.request("GET", "/1.0/config/user.name")
        response = self.getresponse()
        return f"{response.status} {response.read().decode().strip()}"


class AttackCase(SynchronousTestCase):
    """
    Tests with a running service, whose log must stay short and free of faults.

    :cvar options: those of the service.
    :cvar prefix: what runs it.
    :cvar lines: how many lines of its log an attack may cost, however long it is.
    """

    options: ClassVar[tuple[str, ...]] = ("--lxc-path=/x",)
    prefix: ClassVar[tuple[str, ...]] = ()
    lines: ClassVar[int] = 40

    def setUp(self) -> None:
        """Start the service."""
        need_namespaces()
        directory = Path(tempfile.mkdtemp(prefix="devlxd-"))
        self.addCleanup(shutil.rmtree, directory)
        directory.chmod(0o711)
        file = directory / "instances.yaml"
        file.write_text("instances:\n" + "".join(_ONE_OF.format(name=x) for x in NAMES))
        arguments = (f"--instances={file}", *self.options)
        self.service = Service(directory, arguments, prefix=self.prefix)
        self.addCleanup(self.service.stop)
        self.service.start()
        self.addCleanup(self.assertQuiet, self.service.log.count("\n"))
        self.path = str(self.service.socket)

    def guest(self, name: str = "", **options: object) -> Guest:
        """
        A guest that runs until the end of the test.

        :param name: the instance that it is, if it is one.
        """
        guest = Guest(**options)  # type: ignore[arg-type]
        self.addCleanup(guest.stop)
        guest.start()
        if name:
            self.register(name, guest.init)
        return guest

    def register(self, name: str, pid: int) -> None:
        """Say which process is the init of an instance."""
        target = f"/1.0/devlxd/instances/{name}/init"
        ask(self.service.host_socket, target, "PUT", json.dumps({"pid": pid}))

    def told(self, guest: Guest | None, *steps: str) -> str:
        """What a guest, or a process of the host, is told after it has done this."""
        asking = program("asking", self.path, *steps, "connect", "ask")
        return output(asking if guest is None else guest.command(*asking))

    def connection_of(self, guest: Guest) -> Connection:
        """A connection that a guest has made and given to us."""
        path = self.service.directory / "hand"
        path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
            listener.listen()
            giving = guest.started("asking", self.path, "connect", f"give={path}")
            hand, _ = listener.accept()
        with hand:
            _, (descriptor,), _, _ = socket.recv_fds(hand, 1, 1)
            connection = Connection(socket.socket(fileno=descriptor))
            self.addCleanup(connection.close)
            # So it was recognised while the process lives that has made it.
            connection.asked()
        giving.communicate()
        return connection

    def size(self) -> int:
        """How much memory the service takes, in MiB."""
        status = Path(f"/proc/{self.service.pid}/status").read_text()
        match = _SIZE.search(status)
        assert match is not None
        return int(match[1]) // 1024

    def files(self) -> int:
        """How many files the service has open."""
        return len(list(Path(f"/proc/{self.service.pid}/fd").iterdir()))

    def assertQuiet(self, before: int) -> None:
        """
        Fail if anything broke, or if the log grew as the attack did.

        :param before: how many lines it had before that.
        """
        log = self.service.log
        self.assertNotIn("Traceback", log)
        self.assertNotIn("could not be answered", log)
        self.assertLess(log.count("\n"), before + self.lines, log)
