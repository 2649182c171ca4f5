"""The service as its users run it: by ``twistd``, in a process of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from attrs import define, field
from twisted.trial.unittest import SynchronousTestCase

import devlxd
import tests

_TWISTD = "from twisted.scripts.twistd import run; run()"
_PATIENCE = 60.0  # seconds; the machine may be busy
_PAUSE = 0.02


def until(condition: object, what: str) -> None:
    """
    Wait until a function gives something true.

    :raises AssertionError: when it does not in time.
    """
    assert callable(condition)
    end = time.monotonic() + _PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"waited in vain: {what}")
        time.sleep(_PAUSE)


def environment() -> dict[str, str]:
    """The environment in which this very devlxd is found, installed or not."""
    # The tests are elsewhere when the package is installed.
    roots = (Path(module.__file__ or "").parent.parent for module in (devlxd, tests))
    path = os.pathsep.join(str(root.absolute()) for root in roots)
    return {**os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"}


def started_service(test: SynchronousTestCase, *arguments: str) -> Service:
    """
    A service that runs until the end of a test.

    It is not in the test's own directory, whose path may be too long for a socket's.
    """
    directory = Path(tempfile.mkdtemp(prefix="devlxd-"))
    test.addCleanup(shutil.rmtree, directory)
    service = Service(directory, arguments)
    test.addCleanup(service.stop)
    service.start()
    return service


@define
class Service:
    """
    A running ``twistd -n devlxd``.

    :ivar directory: where its state and its log are.
    :ivar prefix: what runs it; as ``unshare --fork``, it has one child.
    """

    directory: Path
    arguments: tuple[str, ...] = ()
    prefix: tuple[str, ...] = ()
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def state(self) -> Path:
        """Its state directory."""
        return self.directory / "state"

    @property
    def socket(self) -> Path:
        """Its guest socket."""
        return self.state / "devlxd" / "sock"

    @property
    def host_socket(self) -> Path:
        """Its host socket."""
        return self.state / "unix.socket"

    @property
    def pid(self) -> int:
        """The pid of the service itself."""
        assert self._process is not None
        pid = self._process.pid
        if not self.prefix:
            return pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        return int(children.split()[0])

    @property
    def is_running(self) -> bool:
        """Whether it was started and neither stopped nor killed."""
        return self._process is not None

    @property
    def log(self) -> str:
        """All that it has said."""
        return (self.directory / "log").read_text()

    def start(self) -> None:
        """Start it, and wait until guests can connect."""
        with (self.directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(*self.prefix, sys.executable, "-c", _TWISTD, "-n"),
                    *("--pidfile=", "devlxd"),
                    *("--state-dir", str(self.state), *self.arguments),
                ],
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.directory,
                env=environment(),
            )
        until(self._answers, "the service to listen")

    def stop(self) -> None:
        """Stop it as systemd would."""
        if self._process is not None:
            if self._process.poll() is None:
                os.kill(self.pid, signal.SIGTERM)
            self._process.wait(_PATIENCE)
            self._process = None

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(_PATIENCE)
        self._process = None

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise AssertionError(f"the service has ended:\n{self.log}")
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.socket)) == 0
