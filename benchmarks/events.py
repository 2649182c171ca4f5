"""
What one change costs that thousands listen to, what a listener costs, and how many
changes a second are kept; each for the service as it runs, with its journal on disk.

Times are as the listeners see them, from the sending of the change on, and those of a
quiet machine only if it is quiet; CPU is the server's own.
"""

from __future__ import annotations

import resource
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import IO

from attrs import frozen

from benchmarks.load import cpu_seconds, memory
from benchmarks.targets import running_service

__all__ = ["main"]

_COUNTS = (1000, 4096, 9900)
_CHANGES = 20
_BATCHES = (1, 16, 64)
_BATCHED = 2048  # changes
_RESERVE = 100  # file descriptors for all else
_CLIENT = ("taskset", "-c", "1")


@frozen
class Turn:
    """
    Some changes at a time; microseconds since they were sent.

    :ivar answer: when the first one was answered.
    :ivar answers: when all were.
    :ivar first: when the first listener heard of one.
    :ivar last: when the last one had heard of all.
    """

    answer: float
    answers: float
    first: float
    last: float


@frozen
class Listeners:
    """
    Many that listen, and wait to be told to go on.

    :ivar said: what they print.
    """

    asked: IO[str]
    said: IO[str]

    def line(self) -> list[float]:
        """The numbers of a line."""
        return list(map(float, self.said.readline().split()))

    def go_on(self) -> None:
        """Let them."""
        self.asked.write("\n")
        self.asked.flush()


@contextmanager
def _listening(program: Path, state: Path, *options: int) -> Iterator[Listeners]:
    names = ("-l", "-n", "-b")
    given = [str(word) for pair in zip(names, options, strict=True) for word in pair]
    sockets = [str(state / "devlxd" / "sock"), str(state / "unix.socket")]
    pipe = subprocess.PIPE
    command = [*_CLIENT, str(program), *given, *sockets, "web1"]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield Listeners(process.stdin, process.stdout)


def _fan_out(program: Path, directory: Path, count: int) -> str:
    """A row of the table of listeners."""
    with running_service(directory, count + _RESERVE) as (state, pids):
        before, held = cpu_seconds(pids), sum(map(memory, pids))
        with _listening(program, state, count, 2 * _CHANGES, 1) as listeners:
            [seconds] = listeners.line()
            opened = cpu_seconds(pids) - before
            each = (sum(map(memory, pids)) - held) * 1024 / count
            listeners.go_on()
            for _ in range(_CHANGES):
                # Meanwhile the first pings are answered.
                listeners.line()
            before = cpu_seconds(pids)
            turns = [Turn(*listeners.line()) for _ in range(_CHANGES)]
            cpu = (cpu_seconds(pids) - before) / _CHANGES / count * 1e6
            listeners.go_on()
    return (
        f"| {count} | {cpu:.2f} | {_ms(turn.first for turn in turns)} |"
        f" {_ms(turn.last for turn in turns)} | {_ms(turn.answer for turn in turns)} |"
        f" {count / seconds:.0f} | {opened / count * 1e6:.0f} | {each:.1f} |"
    )


def _changes(program: Path, directory: Path, batch: int) -> str:
    """A row of the table of changes, to all of which one listens."""
    with (
        running_service(directory, batch + _RESERVE) as (state, pids),
        _listening(program, state, 1, _BATCHED, batch) as listeners,
    ):
        listeners.line()
        before, begun = cpu_seconds(pids), time.monotonic()
        listeners.go_on()
        turns = [Turn(*listeners.line()) for _ in range(_BATCHED // batch)]
        rate = _BATCHED / (time.monotonic() - begun)
        cpu = (cpu_seconds(pids) - before) / _BATCHED * 1e6
        listeners.go_on()
    answer = median(turn.answer for turn in turns) / 1e3
    return f"| {batch} | {rate:.0f} | {cpu:.0f} | {answer:.2f} |"


def _ms(microseconds: Iterator[float]) -> str:
    """The median and the least, in milliseconds."""
    values = sorted(microseconds)
    return f"{median(values) / 1e3:.1f} ({values[0] / 1e3:.1f})"


def main(place: Path) -> None:
    """Measure and print."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    program, source = place / "listen", Path(__file__).with_name("listen.c")
    subprocess.run(["cc", "-O2", "-Wall", "-o", program, source], check=True)
    print("\nOne change, and who listens; median (least) of the times\n")
    print(
        "| listeners | CPU us/frame | first ms | last ms | answer ms | openings/s |"
        " CPU us/opening | KiB each |\n|---|---|---|---|---|---|---|---|"
    )
    for count in _COUNTS:
        if count + _RESERVE > most:
            print(f"| {count} | left out: {most} file descriptors | | | | | | |")
            continue
        print(_fan_out(program, _made(place, f"fan-{count}"), count), flush=True)
    print("\nChanges, so many at a time, of one instance with one listener\n")
    print("| at a time | changes/s | CPU us/change | answer ms |\n|---|---|---|---|")
    for batch in _BATCHES:
        print(_changes(program, _made(place, f"batch-{batch}"), batch), flush=True)


def _made(place: Path, name: str) -> Path:
    directory = place / name
    directory.mkdir()
    return directory
