"""``twistd devlxd`` as a process of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from email.message import Message
from http.client import HTTPConnection
from pathlib import Path
from select import POLLIN, poll
from threading import Timer

from attrs import define, field, frozen
from twisted.trial.unittest import SynchronousTestCase

from tests.need import need_program
from tests.peers.service import environment
from tests.service.places import directory

_TWISTD = (sys.executable, "-c", "from twisted.scripts.twistd import run; run()")
_PATIENCE = 60  # seconds; the machine may be busy
_READY = "Guests connect at "
_NOBODY = 65534

FOREGROUND = ("-n", "--pidfile=")


def ordinary_user(path: Path, *capabilities: str) -> tuple[str, ...]:
    """
    What runs a program as somebody who is not root, but owns a directory and has these
    capabilities.

    That user may also read all files, since the interpreter may be in a place that is
    root's alone.
    """
    if os.geteuid() != 0:
        return ()
    os.chown(path, _NOBODY, _NOBODY)
    held = ",".join(f"+{name}" for name in ("dac_read_search", *capabilities))
    return (
        # That user could not write down what of the program was run.
        *("env", "--unset=COVERAGE_PROCESS_CONFIG", "--unset=COVERAGE_PROCESS_START"),
        need_program("setpriv", "util-linux"),
        *(f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups"),
        *(f"--inh-caps={held}", f"--ambient-caps={held}"),
    )


def twistd(path: Path, *arguments: str, prefix: Sequence[str] = ()) -> Outcome:
    """Run ``twistd`` in a directory until it ends."""
    result = subprocess.run(
        [*prefix, *_TWISTD, *arguments],
        capture_output=True,
        text=True,
        cwd=path,
        env=environment(),
        timeout=_PATIENCE,
        check=False,
    )
    return Outcome(result.returncode, result.stdout, result.stderr)


def await_end(pid: int) -> None:
    """Wait until a process has ended that is not our child."""
    pidfd = os.pidfd_open(pid)
    try:
        waiting = poll()
        waiting.register(pidfd, POLLIN)
        assert waiting.poll(_PATIENCE * 1000)
    finally:
        os.close(pidfd)


@frozen
class Outcome:
    """How a process ended, and what it said."""

    code: int
    out: str
    err: str


@frozen
class Answer:
    """What came back."""

    status: int
    headers: Message
    body: str


class Guest(HTTPConnection):
    """A guest, connected to a UNIX socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("lxd", timeout=_PATIENCE)
        self._path = str(path)

    def connect(self) -> None:
        """Connect."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)

    def answer(self) -> Answer:
        """The next answer."""
        response = self.getresponse()
        body = response.read().decode()
        return Answer(response.status, response.headers, body)


def ask(path: Path, target: str, method: str = "GET", body: str = "") -> str:
    """
    The body of the answer to one request on a socket.

    :raises AssertionError: when it is not a success.
    """
    guest = Guest(path)
    try:
        guest.request(method, target, body)
        answer = guest.answer()
    finally:
        guest.close()
    assert answer.status == 200, answer
    return answer.body


@define
class Service:
    """
    A service in the foreground.

    :ivar directory: where it is started; its state is in ``state`` there.
    :ivar prefix: what runs it.
    :ivar own: more options of ``twistd`` itself.
    """

    directory: Path
    prefix: Sequence[str] = field(default=(), kw_only=True)
    own: Sequence[str] = field(default=(), kw_only=True)
    _process: subprocess.Popen[str] | None = field(default=None, init=False)

    @classmethod
    def of(cls, case: SynchronousTestCase, prefix: Sequence[str] = ()) -> Service:
        """One that is killed, if need be, at the end of a test."""
        service = cls(directory(case), prefix=prefix)
        case.addCleanup(service.kill)
        return service

    @property
    def state(self) -> Path:
        """Its state directory."""
        return self.directory / "state"

    @property
    def socket(self) -> Path:
        """Its guest socket."""
        return self.state / "devlxd" / "sock"

    @property
    def process(self) -> subprocess.Popen[str]:
        """The process, which must have been started."""
        assert self._process is not None
        return self._process

    def start(self, *options: str, umask: int = -1) -> str:
        """
        Start it, and wait until guests can connect.

        :return: what it has said.
        """
        self._process = subprocess.Popen(
            [
                *(*self.prefix, *_TWISTD, *FOREGROUND, *self.own, "devlxd"),
                *("--state-dir=state", *options),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.directory,
            env=environment(),
            umask=umask,
        )
        return self.hear(_READY)

    def hear(self, words: str) -> str:
        """
        Wait until it says something.

        :return: all that it has said up to that.
        """
        assert self.process.stdout is not None
        said = []
        watchdog = Timer(_PATIENCE, self.process.kill)
        watchdog.start()
        try:
            for line in self.process.stdout:
                said.append(line)
                if words in line:
                    return "".join(said)
        finally:
            watchdog.cancel()
        raise AssertionError(f"not {words!r} but {said}, {self._rest().err}")

    def ask(self, target: str, method: str = "GET", body: str = "") -> str:
        """The body of an answer that is a success."""
        return ask(self.socket, target, method, body)

    def write(self, file: str, text: str) -> str:
        """
        Write a file beside the state directory.

        :return: its name.
        """
        (self.directory / file).write_text(text)
        return file

    def stop(self, number: int = signal.SIGTERM) -> Outcome:
        """End it by a signal."""
        self.process.send_signal(number)
        return self._rest()

    def kill(self) -> None:
        """End it, unless it has ended, with no time for anything."""
        if self._process is not None:
            self._process.kill()
            self._rest()

    def _rest(self) -> Outcome:
        process, self._process = self.process, None
        out, err = process.communicate(timeout=_PATIENCE)
        return Outcome(process.returncode, out, err)
