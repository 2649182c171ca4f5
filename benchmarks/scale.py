"""
What many instances cost: ``python -m benchmarks.scale [--instances N] [--keys N]``.

A store is filled, and a service started on it; each figure is that of one run.
"""

from __future__ import annotations

import argparse
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from benchmarks.load import memory
from devlxd.interfaces import IDraft
from devlxd.model.instance import Instance
from devlxd.model.names import InstanceName
from devlxd.stores.sqlite import SQLite
from devlxd.stores.store import Store

_PATIENCE = 60.0  # seconds
_PAUSE = 0.005


def fill(state: Path, instances: int, keys: int) -> None:
    """A store of so many instances with so many keys each, in a state directory."""

    def rule(draft: IDraft) -> None:
        for number in range(instances):
            config = {f"user.key{key}": f"{key} of {number}" for key in range(keys)}
            name = InstanceName("default", f"c{number}")
            draft.create_instance(Instance(name, config=config))

    store = Store(SQLite(state / "devlxd.db"), lambda: str(uuid4()))
    store.open()
    store.transact(rule)
    store.close()


@contextmanager
def service(state: Path) -> Iterator[int]:
    """A service that answers; its pid."""
    command = [
        *(sys.executable, "-c", "from twisted.scripts.twistd import run; run()"),
        *("-n", "--pidfile=", f"--logfile={state / 'log'}"),
        *("devlxd", f"--state-dir={state}"),
    ]
    process = subprocess.Popen(command)
    try:
        _await(state / "devlxd" / "sock")
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def ask(state: Path, method: str, path: str, body: object = None) -> bytes:
    """What an operator is answered."""
    connection = HTTPConnection("lxd")
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(str(state / "unix.socket"))
    text = None if body is None else json.dumps(body)
    connection.request(method, path, text)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    if answer.status >= 300:
        raise OSError(f"{method} {path}: {content!r}")
    return content


def report(state: Path, pid: int, begun: float) -> None:
    """Ask and print."""
    print(f"start until guests can connect: {time.monotonic() - begun:.2f} s")
    print(f"resident: {memory(pid):.0f} MiB")
    for title, method, path, body in (
        ("one key of a profile of all", "PATCH", "profiles/default", {"user.x": "1"}),
        ("the list with all of each", "GET", "instances?recursion=2", None),
    ):
        start = time.monotonic()
        document = None if body is None else {"config": body}
        size = len(ask(state, method, f"/1.0/{path}", document))
        print(f"{title}: {time.monotonic() - start:.2f} s, {size} bytes")
    print(f"resident: {memory(pid):.0f} MiB")


def main() -> None:
    """Fill, start, measure."""
    parser = argparse.ArgumentParser(description="What many instances cost.")
    parser.add_argument("--instances", type=int, default=10_000)
    parser.add_argument("--keys", type=int, default=50)
    given = parser.parse_args()
    with TemporaryDirectory(prefix="devlxd-") as directory:
        state = Path(directory)
        fill(state, given.instances, given.keys)
        begun = time.monotonic()
        with service(state) as pid:
            report(state, pid, begun)


def _await(path: Path) -> None:
    end = time.monotonic() + _PATIENCE
    while True:
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(str(path)) == 0:
                return
        if time.monotonic() > end:
            raise OSError(f"nobody listens at {path}")
        time.sleep(_PAUSE)


if __name__ == "__main__":
    main()
