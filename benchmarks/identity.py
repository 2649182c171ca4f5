"""
How long it takes to tell which instance a connection comes from.

Asked for a process that was put into its instance from outside, as ``lxc exec`` does,
by a registry of few and of many instances; and how often ``/proc`` is looked at.
"""

from __future__ import annotations

import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from attrs import frozen
from twisted.internet.task import Clock

from devlxd.identity.credentials import peer_of
from devlxd.identity.namespaces import Namespaces
from devlxd.identity.registry import Registry
from devlxd.model.names import InstanceName

__all__ = ["main"]

_COUNTS = (1, 1000, 10_000)
_TIMES = 5000
_DIAL = """
import socket, sys
connection = socket.socket(socket.AF_UNIX)
connection.connect(sys.argv[1])
sys.stdin.read()
"""


class _Nobody(Clock):
    """A reactor that watches nothing."""

    def addReader(self, reader: object) -> None:
        """Nothing comes."""

    def removeReader(self, reader: object) -> None:
        """Nothing came."""


@frozen
class _Transport:
    """What a connection is found out from."""

    handle: socket.socket

    def getHandle(self) -> socket.socket:
        """The socket."""
        return self.handle


@contextmanager
def _crowd(program: Path, count: int) -> Iterator[list[int]]:
    pipe = subprocess.PIPE
    with subprocess.Popen([program, str(count)], stdin=pipe, stdout=pipe) as crowd:
        assert crowd.stdout is not None
        assert crowd.stdin is not None
        yield list(map(int, crowd.stdout.read().split()))
        crowd.stdin.close()


@contextmanager
def _caller(directory: Path, init: int) -> Iterator[socket.socket]:
    """A connection from within an instance."""
    path = directory / "identity"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        command = ["nsenter", "-t", str(init), "-p", sys.executable, "-c", _DIAL]
        with subprocess.Popen([*command, str(path)], stdin=subprocess.PIPE) as caller:
            connection, _ = listener.accept()
            with connection:
                yield connection
            caller.kill()
    path.unlink()


def _microseconds(registry: Registry, connection: socket.socket) -> float:
    """For one connection, with all that is opened for it closed again."""
    transport = _Transport(connection)
    begun = time.process_time()
    for _ in range(_TIMES):
        with peer_of(transport) as peer:
            registry.locate(peer)
    return (time.process_time() - begun) / _TIMES * 1e6


def _opened(registry: Registry, connection: socket.socket) -> list[str]:
    """The files that are opened by their names for one connection."""
    names: list[str] = []
    watching = [True]

    def hear(event: str, arguments: tuple[object, ...]) -> None:
        if watching and event == "open":
            names.append(str(arguments[0]))

    sys.addaudithook(hear)
    with peer_of(_Transport(connection)) as peer:
        registry.locate(peer)
    watching.clear()
    return names


def main(directory: Path) -> None:
    """Measure and print."""
    if os.getuid() != 0:
        print("identity is left out: only root can make guests")
        return
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    program = directory / "crowd"
    source = Path(__file__).with_name("crowd.c")
    subprocess.run(["cc", "-O2", "-Wall", "-o", program, source], check=True)
    print("\nTelling whose a connection is\n\n| instances | us | files opened |")
    print("|---|---|---|")
    for count in _COUNTS:
        if count + 100 > most:
            print(f"| {count} | left out: {most} file descriptors | |")
            continue
        reactor: Any = _Nobody()
        registry = Registry(Namespaces.here(), reactor)
        with _crowd(program, count) as pids, _caller(directory, pids[-1]) as caller:
            for number, pid in enumerate(pids):
                name = InstanceName("default", f"c{number}")
                registry.register(name, pid, lambda: None)
            times = [_microseconds(registry, caller) for _ in range(5)]
            opened = len(_opened(registry, caller))
            print(f"| {count} | {median(times):.1f} | {opened} |", flush=True)
            registry.close()
