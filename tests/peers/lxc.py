"""Debian's ``lxc``, and a service for it to manage."""

from __future__ import annotations

import os
import shlex
import subprocess
from typing import Any

from attrs import define, frozen
from twisted.trial.unittest import SynchronousTestCase

from tests.identity.guests import SLEEP, UNSHARE, Program
from tests.need import need_namespaces, need_program
from tests.peers.service import Service, started_service

_PATIENCE = 120.0  # seconds; the machine may be busy


@frozen
class Outcome:
    """
    What a command has said.

    :ivar code: its exit code.
    """

    out: str
    err: str
    code: int


@define
class Lxc:
    """
    The command, as somebody who manages a service and nothing else.

    :ivar service: that is managed.
    """

    service: Service
    program: str

    @classmethod
    def of(cls, service: Service) -> Lxc:
        """The command that manages a service."""
        (service.directory / "lxc").mkdir(exist_ok=True)
        return cls(service, need_program("lxc", "lxd-client"))

    def run(self, command: str, given: str = "") -> Outcome:
        """Run a command to its end, with a text to read."""
        with self.start(command, stdin=subprocess.PIPE) as process:
            out, err = process.communicate(given, timeout=_PATIENCE)
            return Outcome(out, err, process.returncode)

    def start(self, command: str, **others: Any) -> subprocess.Popen[str]:
        """Start a command; whoever does ends it."""
        home = str(self.service.directory / "lxc")
        environ = {
            "LXD_DIR": str(self.service.state),
            "LXD_CONF": home,
            "HOME": home,
            "PATH": os.environ.get("PATH", ""),
        }
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **others}
        argv = [self.program, *shlex.split(command)]
        return subprocess.Popen(argv, env=environ, text=True, **pipes)


class LxcTestCase(SynchronousTestCase):
    """
    Runs ``lxc`` against a service.

    :ivar service: a process of its own, with nothing in its store.
    :ivar lxc: the command.
    """

    def setUp(self) -> None:
        """Serve."""
        need_program("lxc", "lxd-client")
        self.service = started_service(self)
        self.lxc = Lxc.of(self.service)

    def lxc_says(self, *script: tuple[str, str]) -> None:
        """Run commands that succeed, and compare what each says."""
        for command, out in script:
            self.assertEqual(self.lxc_does(command), out, command)

    def lxc_does(self, *commands: str, given: str = "") -> str:
        """Run commands that succeed; what the last one says."""
        said = ""
        for command in commands:
            outcome = self.lxc.run(command, given)
            self.assertEqual(outcome.code, 0, f"{command}: {outcome.err}")
            said = outcome.out
        return said

    def lxc_fails(self, command: str, text: str) -> None:
        """Run a command that fails with a text."""
        outcome = self.lxc.run(command)
        self.assertNotEqual(outcome.code, 0, command)
        self.assertIn(text, outcome.err, command)

    def lxc_registers(self, name: str) -> Program:
        """Start an init process, and say that it is an instance's."""
        init = started_init(self)
        path = f"/1.0/devlxd/instances/{name}/init"
        self.lxc_does(f"query -X PUT -d '{{\"pid\": {init.child()}}}' {path}")
        return init


def started_init(test: SynchronousTestCase) -> Program:
    """
    A program whose child is the init process of a pid namespace, until a test's end.
    """
    need_namespaces()
    program = Program.start(*UNSHARE, *SLEEP)
    test.addCleanup(program.end)
    return program
