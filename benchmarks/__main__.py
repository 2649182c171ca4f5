"""
Measure and print: ``python -m benchmarks [--runs N] [--requests N] [NAME...]``.

Server and client are pinned to a core each.  Every figure is the median of the runs, in
each of which all servers have their turn, so that a busy machine is so for all.
"""

from __future__ import annotations

import argparse
import platform
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from subprocess import SubprocessError
from tempfile import TemporaryDirectory

from attrs import astuple

from benchmarks import events, identity
from benchmarks.load import Load, Run, build
from benchmarks.targets import TARGETS, Absent, Target

LOADS = (
    Load("8 connections, kept open", 8),
    Load("64 connections, kept open", 64),
    Load("a connection for each request, 8 at a time", 8, anew=True),
)
SLOW = {"lxd": 40, "klein": 4}
"""By how much fewer requests will do."""
_OTHERS = {"identity": identity.main, "events": events.main}
"""What is measured of ourselves alone."""


def measured(
    load: Load, targets: dict[str, Target], generator: Path, runs: int, requests: int
) -> dict[str, Run]:
    """The medians of the servers that stand a load; each has its turn in each run."""
    results: dict[str, list[Run]] = {name: [] for name in targets}
    for _ in range(runs):
        for name, target in targets.items():
            if name not in results:
                continue
            count = requests // SLOW.get(name, 1)
            try:
                results[name].append(asked(load, target, generator, count))
            except (OSError, SubprocessError) as error:
                print(f"{name} failed at {load.title}: {error}", flush=True)
                del results[name]
    return {name: typical(runs) for name, runs in results.items()}


def asked(load: Load, target: Target, generator: Path, count: int) -> Run:
    """One run."""
    command = (*target.inside, str(target.generator or generator))
    return load.run(command, target.socket, target.path, count, target.pids)


def typical(runs: Iterable[Run]) -> Run:
    """The median of each figure."""
    columns = zip(*map(astuple, runs), strict=True)
    return Run(*(median(column) for column in columns))


def table(load: Load, rows: dict[str, Run]) -> str:
    """The figures of a load; ratios are those to the first row."""
    first = next(iter(rows.values()))
    lines = [
        f"\n{load.title}\n",
        "| server | CPU us/request | of ours | requests/s | of ours | p50 us | p99 us |"
        " MiB |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {name} | {row.cpu:.1f} | {row.cpu / first.cpu:.2f} | {row.rate:.0f} |"
        f" {row.rate / first.rate:.3f} | {row.p50:.0f} | {row.p99:.0f} |"
        f" {row.memory:.0f} |"
        for name, row in rows.items()
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("names", nargs="*", choices=[*TARGETS, *_OTHERS, []])
    options = parser.parse_args()
    names = options.names or [*TARGETS, *_OTHERS]

    print(f"Python {platform.python_version()}, Linux {platform.release()}", flush=True)
    with ExitStack() as stack:
        place = Path(stack.enter_context(TemporaryDirectory(prefix="bench-")))
        targets = started([name for name in names if name in TARGETS], place, stack)
        generator = build(place)
        for load in LOADS if targets else ():
            print(
                table(
                    load,
                    measured(load, targets, generator, options.runs, options.requests),
                ),
                flush=True,
            )
    # By themselves, when the servers have ended.
    for name in [name for name in names if name in _OTHERS]:
        with TemporaryDirectory(prefix="bench-") as directory:
            _OTHERS[name](Path(directory))


def started(names: list[str], place: Path, stack: ExitStack) -> dict[str, Target]:
    """The servers that there are; all run from here on, and one at a time is asked."""
    targets: dict[str, Target] = {}
    for name in names:
        directory = place / name
        directory.mkdir()
        try:
            targets[name] = stack.enter_context(TARGETS[name](directory))
        except Absent as absent:
            print(f"{name} is left out: {absent}", flush=True)
    return targets


if __name__ == "__main__":
    main()
