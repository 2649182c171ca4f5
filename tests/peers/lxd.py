"""A real LXD, which starts containers that know nothing but how to sleep."""

from __future__ import annotations

import io
import json
import subprocess
import tarfile
from pathlib import Path

from attrs import define, field

from tests.need import need_program
from tests.peers.service import until
from tests.peers.stage import Stage

_METADATA = b"architecture: x86_64\ncreation_date: 1600000000\n"
_INIT = b"#!/bin/sh\nexec /bin/sleep 1000000\n"


def _add(image: tarfile.TarFile, name: str, content: bytes, mode: int = 0o755) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    image.addfile(entry, io.BytesIO(content))


def write_image(path: Path, busybox: Path) -> None:
    """Write an image that has a shell and an init."""
    with tarfile.open(path, "w") as image:
        _add(image, "metadata.yaml", _METADATA)
        for directory in ("bin", "sbin", "dev", "proc", "sys", "etc", "run", "tmp"):
            entry = tarfile.TarInfo(f"rootfs/{directory}")
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            image.addfile(entry)
        for name in ("sh", "sleep", "ls"):
            _add(image, f"rootfs/bin/{name}", busybox.read_bytes())
        _add(image, "rootfs/sbin/init", _INIT)


@define
class LXDHost:
    """
    A running LXD.

    :ivar stage: where it runs.
    :ivar directory: where all of it is.
    """

    stage: Stage
    directory: Path
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def containers(self) -> Path:
        """Where its containers have their configs."""
        return self.directory / "lxd" / "containers"

    def start(self) -> None:
        """Start it, and have it know an image named ``bb``."""
        busybox = need_program("busybox", "busybox-static")
        need_program("lxd", "lxd")
        need_program("lxc", "lxd-client")
        self.directory.joinpath("lxd").mkdir()
        self.stage.environment = {
            "LXD_DIR": str(self.directory / "lxd"),
            "LXD_CONF": str(self.directory / "conf"),
        }
        with (self.directory / "lxd.log").open("wb") as log:
            self._process = subprocess.Popen(
                self.stage.command("lxd", "--group", "root"),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        socket = self.directory / "lxd" / "unix.socket"
        until(socket.exists, "LXD to start")
        self.run("lxd", "waitready", "--timeout=60")
        write_image(self.directory / "bb.tar", Path(busybox))
        self.run("lxc", "storage", "create", "default", "dir")
        root = ("root", "disk", "path=/", "pool=default")
        self.run("lxc", "profile", "device", "add", "default", *root)
        self.run("lxc", "image", "import", str(self.directory / "bb.tar"), "--alias=bb")

    def stop(self) -> None:
        """End it, and not its containers."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None

    def run(self, *words: str) -> str:
        """What a program prints that knows where LXD is."""
        return self.stage.run(*words)

    def pid(self, name: str, project: str) -> int:
        """The init of a container."""
        path = f"/1.0/instances/{name}/state?project={project}"
        return int(json.loads(self.run("lxc", "query", path))["pid"])
