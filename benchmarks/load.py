"""The load generator, and what it and the kernel say of a run."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from attrs import frozen

__all__ = ["Load", "Run", "build", "cpu_seconds", "memory"]

_CLIENT_CORE = "1"


@frozen
class Run:
    """
    What one run has shown.

    :ivar rate: requests a second.
    :ivar p50: microseconds that half of the requests took at most.
    :ivar p99: microseconds that 99 of 100 requests took at most.
    :ivar cpu: microseconds of the server's CPU for a request.
    :ivar memory: MiB that the server has in memory after the run.
    """

    rate: float
    p50: float
    p99: float
    cpu: float
    memory: float


@frozen
class Load:
    """
    What is asked of a server.

    :ivar title: what it is called in the report.
    :ivar connections: open at the same time, each with one request under way.
    :ivar anew: whether each request has a connection of its own.
    """

    title: str
    connections: int
    anew: bool = False

    def run(
        self,
        generator: Sequence[str],
        socket: Path,
        path: str,
        count: int,
        pids: Sequence[int],
        core: str | None = _CLIENT_CORE,
    ) -> Run:
        """
        Make requests, and see what they cost.

        :param generator: the command that is the load generator.
        :param count: of requests; a tenth as many go before, which do not count.
        :param pids: the processes of the server.
        :param core: that the generator is pinned to, if it is.
        :raises CalledProcessError: when they are not answered.
        """
        count = max(count, self.connections)
        anew = ["-N"] if self.anew else []
        options = ["-c", str(self.connections), *anew, str(socket), path]
        pinned = [] if core is None else ["taskset", "-c", core]
        command = [*pinned, *generator, "-n"]
        _said([*command, str(max(count // 10, self.connections)), *options])
        before = cpu_seconds(pids)
        rate, p50, p99 = _said([*command, str(count), *options])
        cpu = (cpu_seconds(pids) - before) / count * 1e6
        return Run(rate, p50, p99, cpu, sum(map(memory, pids)))


def build(directory: Path, *options: str) -> Path:
    """Compile the load generator; where it is."""
    program, source = directory / "load", Path(__file__).with_name("load.c")
    subprocess.run(["cc", "-O2", "-Wall", *options, "-o", program, source], check=True)
    return program


def _said(command: Sequence[str]) -> list[float]:
    """The numbers that a program prints."""
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=300)
    return list(map(float, done.stdout.split()))


def cpu_seconds(pids: Iterable[int]) -> float:
    """The CPU time that processes have taken."""
    # The clock of a process's CPU time, as clock_getcpuclockid(3) makes its number.
    return sum(time.clock_gettime(~pid << 3 | 2) for pid in pids)


def memory(pid: int) -> float:
    """The MiB that a process has in memory."""
    status = Path(f"/proc/{pid}/status").read_text()
    [kib] = (line.split()[1] for line in status.splitlines() if "VmRSS" in line)
    return int(kib) / 1024
