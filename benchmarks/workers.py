"""
What a second process on the same socket would bring: ``python -m benchmarks.workers``.

Whole services accept from one listening socket.  None of them hears of another's writes
and events, which workers would have to, so this is the most that there is to be gained.
The load generator is not pinned: there are cores for all of them, or there are not.
"""

from __future__ import annotations

import argparse
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.load import Load, Run, build

PATH = "/1.0/config/user.role"
LOADS = (
    Load("64 connections, kept open", 64),
    Load("a connection for each request, 64 at a time", 64, anew=True),
)
_INSTANCES = "instances: {web1: {config: {user.role: web}}}"
# sd_listen_fds(3): the socket is descriptor 3 of the process with this pid.
_ADOPT = 'export LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=guests; exec "$@"'
_PATIENCE = 30.0  # seconds


@contextmanager
def service(place: Path, listening: socket.socket) -> Iterator[int]:
    """One whole service on a socket that listens; its pid."""
    place.mkdir()
    file = place / "instances.yaml"
    file.write_text(_INSTANCES)
    command = [
        *("sh", "-c", f"exec 3<&{listening.fileno()}; {_ADOPT}", "sh"),
        *(sys.executable, "-c", "from twisted.scripts.twistd import run; run()"),
        *("-n", "--pidfile=", f"--logfile={place / 'log'}", "devlxd"),
        *(f"--state-dir={place}", "--store=memory", f"--instances={file}"),
        *("--assume=web1", "--guest=systemd:domain=UNIX:index=0"),
    ]
    process = subprocess.Popen(command, pass_fds=[listening.fileno()])
    try:
        end = time.monotonic() + _PATIENCE
        while "Guests connect at" not in _text(place / "log"):
            if time.monotonic() > end or process.poll() is not None:
                raise OSError(f"a service did not start:\n{_text(place / 'log')}")
            time.sleep(0.05)
        yield process.pid
    finally:
        process.kill()
        process.wait()


def measured(load: Load, workers: int, generator: Path, requests: int) -> Run:
    """One run of so many services on one socket."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(TemporaryDirectory(prefix="devlxd-")))
        listening = stack.enter_context(socket.socket(socket.AF_UNIX))
        path = directory / "sock"
        listening.bind(bytes(path))
        listening.listen(4096)
        pids = [
            stack.enter_context(service(directory / str(number), listening))
            for number in range(workers)
        ]
        return load.run([str(generator)], path, PATH, requests, pids, core=None)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="What a second process would bring.")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    with TemporaryDirectory(prefix="devlxd-") as directory:
        generator = build(Path(directory))
        for load in LOADS:
            ratios = []
            for _ in range(given.runs):
                one = measured(load, 1, generator, given.requests)
                many = measured(load, given.workers, generator, given.requests)
                ratios.append(many.rate / one.rate)
            print(
                f"{load.title}: {given.workers} processes answer "
                f"{median(ratios):.2f} times as many requests/s as one "
                f"({min(ratios):.2f} to {max(ratios):.2f}, {given.runs} runs)",
                flush=True,
            )


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


if __name__ == "__main__":
    main()
