"""
Asks the service who it is, after it has done what it is told to do:
``asking.py SOCKET STEP...``

It needs nothing but Python, is run in guests and on the host, and prints the status and
the body of each answer in one line.
"""

from __future__ import annotations

import ctypes
import os
import socket
import sys
from contextlib import suppress
from pathlib import Path

_USERS, _PIDS = 0x10000000, 0x20000000  # CLONE_NEWUSER, CLONE_NEWPID: sched.h
_SET_DUMPABLE = 4  # PR_SET_DUMPABLE: sys/prctl.h
_QUESTION = (
    b"GET /1.0/config/user.name HTTP/1.1\r\nHost: lxd\r\nConnection: close\r\n\r\n"
)
_libc = ctypes.CDLL(None, use_errno=True)


def answer(connection: socket.socket) -> str:
    """The status and the body of the only answer that comes."""
    received = b""
    with suppress(OSError):
        # It may be closed before it was asked.
        connection.sendall(_QUESTION)
    with suppress(ConnectionResetError):
        while data := connection.recv(65536):
            received += data
    head, _, body = received.partition(b"\r\n\r\n")
    return " ".join((head[9:12] + b" " + body).decode().split())


class Asker:
    """What does the steps, whose names are those of its methods."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._connection = socket.socket(socket.AF_UNIX)
        self._hand: socket.socket | None = None

    def title(self, text: str) -> None:
        """Have this command line and no other."""
        stat = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
        start, end = int(stat[45]), int(stat[46])
        assert len(text) < end - start
        ctypes.memmove(start, text.encode().ljust(end - start, b"\0"), end - start)

    def fork(self, _: str) -> None:
        """Let a child go on."""
        child = os.fork()
        if child:
            os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))

    def pids(self, _: str) -> None:
        """Let a child go on that is the init of a new pid namespace."""
        self._call(_libc.unshare(_PIDS))
        self.fork("")

    def enter(self, _: str) -> None:
        """Be root in the user namespace of the container."""
        with Path("/proc/1/ns/user").open("rb") as users:
            self._call(_libc.setns(users.fileno(), _USERS))
        self.uid("0")

    def users(self, _: str) -> None:
        """Be root in a new user namespace."""
        maps = {"uid_map": f"0 {os.getuid()} 1", "gid_map": f"0 {os.getgid()} 1"}
        self._call(_libc.unshare(_USERS))
        for file, text in {"setgroups": "deny", **maps}.items():
            Path("/proc/self", file).write_text(text)

    def remapped(self, outside: str) -> None:
        """Be root in a new user namespace, whose root is that user outside."""
        reading, writing = os.pipe()
        parent = os.getpid()
        child = os.fork()
        if child == 0:
            os.close(writing)
            os.read(reading, 1)
            for file in ("uid_map", "gid_map"):
                Path(f"/proc/{parent}/{file}").write_text(f"0 {outside} 1")
            os._exit(0)
        self._call(_libc.unshare(_USERS))
        os.write(writing, b"x")
        os.waitpid(child, 0)
        self.uid("0")

    def uid(self, number: str) -> None:
        """Become another user."""
        os.setresgid(*(int(number),) * 3)
        os.setresuid(*(int(number),) * 3)
        # Who has become another user may not write to his own /proc otherwise.
        self._call(_libc.prctl(_SET_DUMPABLE, 1, 0, 0, 0))

    def connect(self, _: str) -> None:
        """Connect to the service."""
        self._connection.connect(self._path)

    def give(self, path: str) -> None:
        """Give the socket to who listens there, and wait until that has ended."""
        with socket.socket(socket.AF_UNIX) as hand:
            hand.connect(path)
            socket.send_fds(hand, [b"x"], [self._connection.fileno()])
            hand.recv(1)

    def take(self, path: str) -> None:
        """Take the socket that is given there."""
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
            Path(path).chmod(0o666)
            listener.listen()
            print("listening", flush=True)
            hand, _ = listener.accept()
        _, (descriptor,), _, _ = socket.recv_fds(hand, 1, 1)
        self._connection = socket.socket(fileno=descriptor)
        # The other one lives until we end: it is to be seen by the service.
        self._hand = hand

    def ask(self, _: str) -> None:
        """Ask, and print the answer."""
        print(answer(self._connection), flush=True)

    def _call(self, result: int) -> None:
        if result:
            raise OSError(ctypes.get_errno(), "not allowed")


if __name__ == "__main__":
    asker = Asker(sys.argv[1])
    for step in sys.argv[2:]:
        name, _, argument = step.partition("=")
        getattr(asker, name)(argument)
