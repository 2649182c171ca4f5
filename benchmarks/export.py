"""
How fast an image is exported to a guest, beside nginx and Python's own way to send the
same file over a UNIX socket: ``python -m benchmarks.export``, as root.

Servers have one core and who reads has another.  They take turns, so that whatever
else the machine does concerns all of them.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import os
import platform
import shutil
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from statistics import median

from attrs import frozen

_SERVER_CORE, _READER_CORE = "0", 1
_CHECKOUT = Path(__file__).parent.parent
_BUFFER = 1 << 20
_PATIENCE = 30.0  # seconds until a server listens
_METADATA = b"architecture: x86_64\ncreation_date: 1700000000\n"
_INSTANCES = 'instances: {c1: {config: {security.devlxd.images: "true"}}}\n'
_NGINX = """\
daemon off; master_process off; error_log stderr; pid %(socket)s.pid;
events { worker_connections 100; }
http { access_log off; sendfile on; client_body_temp_path %(socket)s.temp;
server { listen unix:%(socket)s; root %(root)s; } }
"""


@frozen
class Server:
    """
    A server of the file.

    :ivar path: of the file, for those who ask.
    """

    pid: int
    socket: Path
    path: str


@frozen
class Run:
    """
    One export.

    :ivar rate: MB/s, of which one has 10**6 bytes.
    :ivar cpu: seconds of the server's CPU.
    """

    rate: float
    cpu: float


@contextmanager
def running(argv: list[str], listens: Path, path: str, cwd: Path) -> Iterator[Server]:
    """A server on its core, until it is left."""
    command = ["taskset", "-c", _SERVER_CORE, *argv]
    environ = {**os.environ, "PYTHONPATH": str(_CHECKOUT)}
    with (cwd / "log").open("ab") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, cwd=cwd, env=environ
        )
    try:
        end = time.monotonic() + _PATIENCE
        while not _answers(listens):
            if process.poll() is not None or time.monotonic() > end:
                said = (cwd / "log").read_text()
                raise SystemExit(f"{argv[0]} does not listen:\n{said}")
            time.sleep(0.05)
        yield Server(process.pid, listens, path)
    finally:
        process.terminate()
        process.wait()


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


def nginx(directory: Path, file: Path) -> tuple[list[str], Path]:
    """The command that serves a file's directory, and where it listens."""
    listens = directory / "nginx"
    values = {"socket": listens, "root": file.parent}
    config = listens.with_suffix(".conf")
    # As root, so that it may read what belongs to root.
    config.write_text("user root;\n" + _NGINX % values)
    return ["nginx", "-p", str(directory), "-c", str(config)], listens


def tarball(path: Path, size: int) -> None:
    """An image that is a little larger than so many bytes, which are at random."""
    with tarfile.open(path, "w") as tar:
        metadata = tarfile.TarInfo("metadata.yaml")
        metadata.size = len(_METADATA)
        tar.addfile(metadata, io.BytesIO(_METADATA))
        root = tarfile.TarInfo("rootfs/blob")
        root.size = size
        with open("/dev/urandom", "rb") as noise:  # noqa: PTH123
            tar.addfile(root, noise)


class HostConnection(HTTPConnection):
    """A connection to the operators' socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("lxd")
        self._path = str(path)

    def connect(self) -> None:
        """Connect."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self._path)


def take_in(file: Path, host: Path) -> str:
    """Import an image for everybody; its fingerprint."""
    with file.open("rb") as content:
        fingerprint = hashlib.file_digest(content, "sha256").hexdigest()
        content.seek(0)
        connection = HostConnection(host)
        headers = {"X-LXD-public": "true", "Content-Length": str(file.stat().st_size)}
        connection.request("POST", "/1.0/images", content, headers)
        answer = connection.getresponse()
    if answer.status != 202:
        raise SystemExit(f"the image was not taken: {answer.read().decode()}")
    return fingerprint


def export(server: Server) -> Run:
    """Read the file to its end."""
    before = cpu_seconds(server.pid)
    start = time.monotonic()
    size = read_all(server)
    taken = time.monotonic() - start
    return Run(size / taken / 1e6, cpu_seconds(server.pid) - before)


def read_all(server: Server) -> int:
    """How many bytes are answered."""
    buffer, size = bytearray(_BUFFER), 0
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(server.socket))
        request = f"GET {server.path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        connection.sendall(request.encode())
        while count := connection.recv_into(buffer):
            size += count
    return size


def cpu_seconds(pid: int) -> float:
    """What all threads of a process have used."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    used = [int((task / "schedstat").read_text().split()[0]) for task in tasks]
    return sum(used) / 1e9


@contextmanager
def servers(directory: Path, size: int) -> Iterator[Mapping[str, Server]]:
    """All servers of the same file, by what they are called."""
    image, state = directory / "image.tar", directory / "state"
    tarball(image, size)
    instances = directory / "instances.yaml"
    instances.write_text(_INSTANCES)
    twistd = "from twisted.scripts.twistd import run; run()"
    devlxd = [
        *(sys.executable, "-c", twistd, "-n", "--pidfile=", "devlxd", "--assume=c1"),
        *(f"--state-dir={state}", f"--instances={instances}"),
    ]
    with ExitStack() as stack:

        def start(command: tuple[list[str], Path], path: str) -> Server:
            return stack.enter_context(running(*command, path, directory))

        ours = start((devlxd, state / "devlxd" / "sock"), "")
        fingerprint = take_in(image, state / "unix.socket")
        image.unlink()
        file = state / "images" / f"default_{fingerprint}" / "metadata"
        listens = directory / "copying"
        copying = [sys.executable, "-m", "benchmarks.copying", str(file), str(listens)]
        yield {
            "nginx": start(nginx(directory, file), f"/{file.name}"),
            "**devlxd**": Server(
                ours.pid, ours.socket, f"/1.0/images/{fingerprint}/export"
            ),
            "`shutil.copyfileobj`": start((copying, listens), "/"),
        }


def report(runs: Mapping[str, list[Run]]) -> Iterator[str]:
    """The lines of a table; each is compared with nginx's run of the same turn."""
    (first, *_) = runs.values()
    yield "| server | MB/s | CPU seconds | rate / nginx's | CPU / nginx's |"
    yield "|---|---|---|---|---|"
    for name, those in runs.items():
        pairs = list(zip(those, first, strict=True))
        figures = (
            f"{median(run.rate for run in those):.0f}",
            f"{median(run.cpu for run in those):.3f}",
            f"{median(run.rate / nginx.rate for run, nginx in pairs):.2f}",
            f"{median(run.cpu / nginx.cpu for run, nginx in pairs):.2f}",
        )
        yield f"| {' | '.join((name, *figures))} |"


def main() -> None:
    """The entry point."""
    parser = argparse.ArgumentParser(prog="benchmarks.export", description=__doc__)
    parser.add_argument("--mib", type=int, default=1024, help="of the image (1024)")
    parser.add_argument("--turns", type=int, default=11, help="of each server (11)")
    options = parser.parse_args()
    os.sched_setaffinity(0, {_READER_CORE})
    directory = Path(tempfile.mkdtemp(prefix="devlxd-"))
    try:
        with servers(directory, options.mib << 20) as those:
            runs: dict[str, list[Run]] = {name: [] for name in those}
            for turn in range(options.turns + 1):
                for name, server in those.items():
                    run = export(server)
                    # The first turn brings the file into the page cache.
                    if turn:
                        runs[name].append(run)
    finally:
        shutil.rmtree(directory)
    room = Path("/proc/sys/net/core/wmem_max").read_text().strip()
    version = f"Python {platform.python_version()}, Linux {platform.release()}"
    print(f"{options.mib} MiB, medians of {options.turns} turns; {version}, ", end="")
    print(f"net.core.wmem_max={room}\n", *report(runs), sep="\n")


if __name__ == "__main__":
    main()
