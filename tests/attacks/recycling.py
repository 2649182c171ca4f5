"""
Connects again and again by processes that have few pids between them:
``recycling.py SOCKET NAME COUNT``.

Every other process ends as soon as it has connected, and its parent asks over what it
has left behind; the others live until they have their answer, by which time they have
the pid of many that have ended.  Prints how many answers were those of the instance of
that name, how many refusals, which pids the processes had where the service is, and any
other answer.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections import Counter
from pathlib import Path

_QUESTION = b"GET /1.0/config/user.name HTTP/1.0\r\n\r\n"
_REFUSAL = "500 Process ID not found in container"


def answer(connection: socket.socket) -> str:
    """The status and the body of the only answer that comes."""
    connection.sendall(_QUESTION)
    received = b""
    while data := connection.recv(65536):
        received += data
    head, _, body = received.partition(b"\r\n\r\n")
    return " ".join((head[9:12] + b" " + body).decode().split())


def connected(path: str, lives: bool) -> tuple[str, int]:
    """
    What is answered on a connection that a new process has made.

    :param lives: whether that process is there when it is asked.
    :return: the answer, and the pid of the process.
    """
    reading, writing = os.pipe()
    connection = socket.socket(socket.AF_UNIX)
    child = os.fork()
    if child == 0:
        connection.connect(path)
        # The proc file system is that of the service's namespace.
        os.write(writing, os.fsencode(Path("/proc/self").readlink()))
        if lives:
            signal.pause()
        os._exit(0)
    pid = int(os.read(reading, 20))
    if not lives:
        os.waitpid(child, 0)
    told = answer(connection)
    if lives:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    for descriptor in (reading, writing, connection.detach()):
        os.close(descriptor)
    return told, pid


def main(path: str, name: str, count: int) -> None:
    """Do so that often."""
    told: Counter[str] = Counter()
    pids = set()
    for number in range(count):
        lives = bool(number % 2)
        text, pid = connected(path, lives)
        # Who lives may not be refused.
        refusal = text == _REFUSAL and not lives
        told["refused" if refusal else "own" if text == f"200 {name}" else text] += 1
        pids.add(pid)
    found: dict[str, object] = {x: told.pop(x, 0) for x in ("own", "refused")}
    print(json.dumps({**found, "other": told, "pids": sorted(pids)}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
