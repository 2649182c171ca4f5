"""Real processes in real pid namespaces, which connect to a real socket."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
import tempfile
from pathlib import Path
from subprocess import PIPE, Popen
from typing import ClassVar, Self

from attrs import frozen
from twisted.trial.unittest import SynchronousTestCase

from devlxd.identity.kernel import LINUX, IKernel
from tests.need import need_namespaces

PYTHON = (sys.executable, "-I", "-S", "-c")
"""Runs code, without any packages, for it starts sooner so."""

SLEEP = ("sh", "-c", "echo ready; exec cat")
"""A program that lives until its input ends."""

BECOME = """
import ctypes, os, socket, sys
users, uid = sys.argv[2:]
if users != "-":
    libc = ctypes.CDLL(None)
    assert libc.setns(os.open(f"/proc/{users}/ns/user", os.O_RDONLY), 0) == 0
os.setresgid(int(uid), int(uid), int(uid))
os.setresuid(int(uid), int(uid), int(uid))
connection = socket.socket(socket.AF_UNIX)
connection.connect(sys.argv[1])
"""
"""
Takes a socket, the pid of a process whose user namespace is entered (or ``-``) and a
uid, and connects.  It does so itself since other users may not get at the interpreter.
"""

STAY = """
print("ready", flush=True)
sys.stdin.read()
"""
"""Lives until its input ends."""

UNSHARE = ("unshare", "--pid", "--fork")
"""Runs a program as the init of a new pid namespace."""


def into(init: int) -> tuple[str, ...]:
    """Runs a program in the pid namespace of a guest, and in no other of its."""
    return ("nsenter", "-t", str(init), "-p")


@frozen
class Transport:
    """As much of a Twisted transport as tells of a connection."""

    connection: socket.socket

    def getHandle(self) -> socket.socket:
        """The socket, as `twisted.internet.tcp.Connection.getHandle`."""
        return self.connection


@frozen
class Program:
    """A running program that said that it is ready."""

    process: Popen[str]

    @classmethod
    def start(cls, *argv: str) -> Self:
        """Run a program until it has printed a line."""
        program = cls(Popen(argv, stdin=PIPE, stdout=PIPE, stderr=PIPE, text=True))
        if not program.hear():
            raise AssertionError(f"{argv} failed: {program.end()}")
        return program

    @property
    def pid(self) -> int:
        """Of the program itself, in our pid namespace."""
        return self.process.pid

    def child(self, depth: int = 1) -> int:
        """The pid of its first child, or of that one's, and so on."""
        pid = self.pid
        for _ in range(depth):
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
            pid = int(children.split()[0])
        return pid

    def say(self, line: str) -> None:
        """Give it a line of input."""
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def hear(self) -> str:
        """The next line of its output."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def end(self) -> str:
        """End its input and wait until it has ended; what it complained of."""
        return self.process.communicate(timeout=20)[1]


class RealProcesses(SynchronousTestCase):
    """
    Tests with guests; trial runs each test of a subclass in a place of its own.

    :cvar kernel: how the guests are recognised.
    """

    kernel: ClassVar[IKernel] = LINUX

    def setUp(self) -> None:
        """Listen on a socket that everybody can reach."""
        need_namespaces()
        self.path = str(self.directory() / "sock")
        self.listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(self.listener.close)
        self.listener.bind(self.path)
        Path(self.path).chmod(0o666)
        self.listener.listen(50)
        self.listener.settimeout(20)

    def directory(self) -> Path:
        """A new directory that everybody may enter, with a short path."""
        path = Path(tempfile.mkdtemp(prefix="devlxd-"))
        self.addCleanup(shutil.rmtree, path)
        path.chmod(0o755)
        return path

    def start(self, *argv: str) -> Program:
        """Run a program until the test is over."""
        program = Program.start(*argv)
        self.addCleanup(program.end)
        return program

    def guest(self, *options: str) -> int:
        """
        Start a guest.

        :param options: more of ``unshare``.
        :return: the pid of its init process.
        """
        return self.start(*UNSHARE, *options, *SLEEP).child()

    def accept(self) -> Transport:
        """The next connection that was made."""
        connection, _ = self.listener.accept()
        self.addCleanup(connection.close)
        return Transport(connection)

    def client(
        self, *prefix: str, users: int | None = None, uid: int = 0, code: str = STAY
    ) -> Program:
        """
        Start a program that connects, and let who calls this end it.

        :param prefix: what runs it, such as ``nsenter`` and its options.
        :param users: a process whose user namespace it enters.
        :param uid: what it becomes then.
        :param code: what it does once it has connected.
        """
        target = "-" if users is None else str(users)
        return Program.start(
            *prefix, *PYTHON, BECOME + code, self.path, target, str(uid)
        )

    def connected(
        self, *prefix: str, users: int | None = None, uid: int = 0, code: str = STAY
    ) -> Transport:
        """Let a program connect, as `client`, until the test is over."""
        program = self.client(*prefix, users=users, uid=uid, code=code)
        self.addCleanup(program.end)
        return self.accept()

    def inside(
        self, init: int, *options: str, users: int | None = None, uid: int = 0
    ) -> Transport:
        """Let a program connect that was run into a guest's pid namespace."""
        return self.connected(*into(init), *options, users=users, uid=uid)

    def map_users(self, pid: int, outside: int, count: int = 65536) -> None:
        """Write the maps of a user namespace, in which 0 is *outside*."""
        for file in ("uid_map", "gid_map"):
            Path(f"/proc/{pid}/{file}").write_text(f"0 {outside} {count}\n")

    def kill(self, pid: int) -> None:
        """End a process of a test's own, and all of its pid namespace if it is init."""
        pidfd = os.pidfd_open(pid)
        try:
            signal.pidfd_send_signal(pidfd, signal.SIGKILL)
            # A process that is waited for by another than us is gone when it is not
            # there any more, for which its pidfd gives no sign on older kernels.
            while Path(f"/proc/{pid}").exists():
                os.sched_yield()
        finally:
            os.close(pidfd)
