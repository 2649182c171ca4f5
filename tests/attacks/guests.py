"""Containers that are as much of one as the kernel can tell."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from attrs import define, field

from tests.attacks.length import longer

_PROGRAMS = Path(__file__).parent
_PATIENCE = float(longer(120))  # seconds; the machine may be busy
_KINDS = ("--pid", "--mount", "--ipc", "--uts", "--net", "--propagation", "private")


def program(name: str, *arguments: object) -> tuple[str, ...]:
    """
    The command that runs a module of this package as a program.

    It has no packages, so that it starts soon and forks fast.
    """
    script = str(_PROGRAMS / f"{name}.py")
    return (sys.executable, "-I", "-S", script, *map(str, arguments))


def output(command: tuple[str, ...]) -> str:
    """What a command prints, which must succeed."""
    result = subprocess.run(
        command, capture_output=True, text=True, timeout=_PATIENCE, check=False
    )
    if result.returncode != 0:
        raise AssertionError(f"{command} failed:\n{result.stdout}{result.stderr}")
    return result.stdout.rstrip("\n")


def child_of(pid: int) -> int:
    """The pid of the first child of a process."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return int(children.split()[0])


@define
class Guest:
    """
    A container in namespaces of its own, which sees the files of the host.

    :ivar options: more of ``unshare``.
    :ivar script: what its init does, in the shell.
    :ivar place: the command that runs others where the container is to be started.
    :ivar depth: how many children stand between that and the container's init.
    """

    options: tuple[str, ...] = ("--mount-proc",)
    script: str = "exec cat"
    place: tuple[str, ...] = ()
    depth: int = 1
    _process: subprocess.Popen[str] | None = field(default=None, init=False)

    def start(self) -> None:
        """Start its init process."""
        self._process = subprocess.Popen(
            [
                *(*self.place, "unshare", *_KINDS, "--fork", "--kill-child"),
                *(*self.options, "sh", "-c", "echo ready; " + self.script),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # It complains when its child is killed.
            stderr=subprocess.PIPE,
            text=True,
        )
        said = self._line()
        assert said == "ready", said

    def stop(self) -> None:
        """End it, unless it has ended, as a process that waits for its input does."""
        if self._process is not None:
            self._process.communicate(timeout=_PATIENCE)
            self._process = None

    def kill(self) -> None:
        """End it and all that is in it at once."""
        # It is our child's child, which nobody else waits for: the pid is its own.
        os.kill(self.init, signal.SIGKILL)
        self.stop()

    @property
    def init(self) -> int:
        """Its init process, by its pid on the host."""
        assert self._process is not None
        pid = self._process.pid
        for _ in range(self.depth):
            pid = child_of(pid)
        return pid

    def say(self, line: str) -> str:
        """What its init answers to a line of input."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        return self._line()

    def command(self, *words: str) -> tuple[str, ...]:
        """
        The command that has another one run in it, with the users of the host: others
        may not get at the interpreter.
        """
        kinds = ("--pid", "--mount", "--ipc", "--uts", "--net")
        return ("nsenter", "--target", str(self.init), *kinds, "--", *words)

    def started(self, name: str, *arguments: object) -> subprocess.Popen[str]:
        """A program of this package that runs in it."""
        return subprocess.Popen(
            self.command(*program(name, *arguments)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def _line(self) -> str:
        assert self._process is not None
        assert self._process.stdout is not None
        return self._process.stdout.readline().rstrip("\n")
