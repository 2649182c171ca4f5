"""The servers that are measured, each on a UNIX socket of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TypeAlias

from attrs import frozen

from benchmarks.lxd import LXD

__all__ = ["TARGETS", "Absent", "Target", "running_service"]

_SERVERS = Path(__file__).with_name("servers")
_PATH = "/1.0/config/user.role"
_PINNED = ("taskset", "-c", "0")
_PATIENCE = 30.0  # seconds

_INSTANCES = """
instances:
  web1:
    init: {init}
    config:
      user.role: web
"""


class Absent(Exception):
    """What a server needs is not on this machine; the text says what."""


@frozen
class Target:
    """
    A server that runs.

    :ivar pids: its processes.
    :ivar inside: a command that runs another one where the guest is.
    :ivar generator: the load generator there, if it has one of its own.
    """

    socket: Path
    pids: tuple[int, ...]
    inside: tuple[str, ...] = ()
    generator: Path | None = None
    path: str = _PATH


Start: TypeAlias = Callable[[Path], AbstractContextManager[Target]]
"""Starts a server in an empty directory."""


def _need(program: str) -> None:
    if shutil.which(program) is None:
        raise Absent(f"{program} is not installed")


def _wait_for(socket: Path, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _PATIENCE
    while not socket.is_socket():
        if server.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"{server.args!r} does not listen")
        time.sleep(0.05)
    time.sleep(0.5)


@contextmanager
def _running(command: list[str], socket: Path) -> Iterator[tuple[int, ...]]:
    """The processes of a server, from when it listens."""
    with subprocess.Popen([*_PINNED, *command], stdout=subprocess.DEVNULL) as server:
        try:
            _wait_for(socket, server)
            yield (server.pid, *_children(server.pid))
        finally:
            server.terminate()


def _children(pid: int) -> tuple[int, ...]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return tuple(map(int, text.split()))


@contextmanager
def _guest() -> Iterator[int]:
    """The init process of something like a container."""
    command = ["unshare", "--pid", "--fork", "--kill-child", "sleep", "infinity"]
    with subprocess.Popen(command) as outside:
        try:
            while not _children(outside.pid):
                time.sleep(0.01)
            yield _children(outside.pid)[0]
        finally:
            outside.kill()


@contextmanager
def _devlxd(directory: Path) -> Iterator[Target]:
    """The service as it runs on a host: it knows its guest by the kernel's word."""
    if os.getuid() != 0:
        raise Absent("only root can make a guest for it")
    with _guest() as init:
        file = directory / "instances.yaml"
        file.write_text(_INSTANCES.format(init=init))
        with _twistd(directory, "--instances", str(file)) as (state, pids):
            inside = ("nsenter", "-t", str(init), "-p")
            yield Target(state / "devlxd" / "sock", pids, inside)


@contextmanager
def _twistd(directory: Path, *more: str) -> Iterator[tuple[Path, tuple[int, ...]]]:
    """The service: its state directory and its processes."""
    state = directory / "state"
    twistd = [sys.executable, "-c", "from twisted.scripts.twistd import run; run()"]
    options = ["-n", "--pidfile=", f"--logfile={directory / 'log'}", "devlxd"]
    command = [*twistd, *options, "--state-dir", str(state), *more]
    with _running(command, state / "devlxd" / "sock") as pids:
        yield state, pids


@contextmanager
def running_service(
    directory: Path, connections: int
) -> Iterator[tuple[Path, tuple[int, ...]]]:
    """
    The service, which takes everybody for the instance ``web1``.

    :param connections: how many that one may hold.
    :return: its state directory and its processes.
    """
    file = directory / "instances.yaml"
    file.write_text("instances: {web1: {config: {user.role: web}}}\n")
    more = ("--assume", "web1", "--max-connections", str(connections))
    with _twistd(directory, "--instances", str(file), *more) as running:
        yield running


@contextmanager
def _python(module: str, directory: Path) -> Iterator[Target]:
    if find_spec(module) is None:
        raise Absent(f"the Python package {module} is not installed")
    socket = directory / "sock"
    program = [sys.executable, str(_SERVERS / f"hello_{module}.py"), str(socket)]
    with _running(program, socket) as pids:
        yield Target(socket, pids)


@contextmanager
def _go(directory: Path) -> Iterator[Target]:
    _need("go")
    program, socket = directory / "hello", directory / "sock"
    build = ["go", "build", "-o", str(program), str(_SERVERS / "hello.go")]
    subprocess.run(build, check=True, env={**os.environ, "GOCACHE": str(directory)})
    with _running([str(program), str(socket)], socket) as pids:
        yield Target(socket, pids)


@contextmanager
def _nginx(directory: Path) -> Iterator[Target]:
    _need("nginx")
    socket, file = directory / "sock", directory / "nginx.conf"
    text = (_SERVERS / "nginx.conf").read_text()
    text = text.replace("SOCKET", str(socket)).replace("DIRECTORY", str(directory))
    file.write_text(text)
    # Its worker is of another user, who has to reach the socket's directory.
    directory.chmod(0o755)
    with _running(["nginx", "-c", str(file)], socket) as pids:
        yield Target(socket, pids)


@contextmanager
def _lxd(directory: Path) -> Iterator[Target]:
    for program in ("lxd", "lxc", "busybox"):
        _need(program)
    if os.getuid() != 0:
        raise Absent("only root can run lxd")
    with LXD.running(directory, *_PINNED) as lxd:
        yield Target(lxd.socket, (lxd.pid,), lxd.inside, lxd.generator)


TARGETS: dict[str, Start] = {
    "devlxd": _devlxd,
    "nginx": _nginx,
    "go": _go,
    "aiohttp": partial(_python, "aiohttp"),
    "starlette": partial(_python, "starlette"),
    "klein": partial(_python, "klein"),
    "lxd": _lxd,
}
"""By name.  All but nginx, which has a canned answer, look the value up."""
