"""Debian's LXD 5.0.2, started in a directory of its own, with a container in it."""

from __future__ import annotations

import io
import json
import os
import subprocess
import tarfile
from pathlib import Path
from typing import Any

from attrs import define, field
from twisted.trial.unittest import TestCase

from tests.need import need_namespaces, need_program
from tests.peers.service import until

NAME = "c1"

_INIT = "#!/bin/sh\ntrap 'exit 0' PWR TERM\nwhile :; do sleep 1; done\n"
_METADATA = "{architecture: x86_64, creation_date: 1700000000, properties: {}}\n"
_DIRECTORIES = ("dev", "etc", "proc", "root", "run", "sys", "tmp", "usr", "var")
_LINKS = {
    **{f"bin/{applet}": "busybox" for applet in ("sh", "sleep")},
    **{each: f"usr/{each}" for each in ("lib", "lib32", "lib64", "libx32")},
}
_PATIENCE = 120.0  # seconds; the machine may be busy


def image(busybox: Path) -> bytes:
    """A container with busybox, which the programs of the host are mounted into."""
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:gz") as tar:

        def add(name: str, content: bytes, mode: int) -> None:
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(content), mode
            tar.addfile(info, io.BytesIO(content))

        add("metadata.yaml", _METADATA.encode(), 0o644)
        for name in ("", "bin", "sbin", *_DIRECTORIES):
            info = tarfile.TarInfo(f"rootfs/{name}")
            info.type, info.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(info)
        add("rootfs/bin/busybox", busybox.read_bytes(), 0o755)
        add("rootfs/sbin/init", _INIT.encode(), 0o755)
        for name, target in _LINKS.items():
            info = tarfile.TarInfo(f"rootfs/{name}")
            info.type, info.linkname = tarfile.SYMTYPE, target
            tar.addfile(info)
    return written.getvalue()


@define
class Lxc:
    """
    The ``lxc`` command.

    :ivar directory: that of the daemon that it talks to, ours or LXD's.
    :ivar home: where it may keep what it keeps.
    """

    directory: Path
    home: Path

    @property
    def environment(self) -> dict[str, str]:
        """What it finds its daemon by."""
        return {
            "LXD_DIR": str(self.directory),
            "LXD_CONF": str(self.home / "lxc"),
            "HOME": str(self.home),
            "PATH": os.environ.get("PATH", ""),
        }

    def __call__(self, *arguments: str, given: str = "") -> str:
        """
        What a command prints.

        :param given: what it reads.
        """
        ran = subprocess.run(
            ("lxc", *arguments),
            input=given,
            capture_output=True,
            env=self.environment,
            text=True,
            timeout=_PATIENCE,
        )
        if ran.returncode != 0:
            raise AssertionError(f"lxc {' '.join(arguments)}: {ran.stderr}")
        return ran.stdout

    def query(self, path: str) -> Any:
        """A document of the daemon."""
        return json.loads(self("query", path))


@define
class LXD:
    """
    A running LXD.

    :ivar directory: where all is that it has; of a short path.
    """

    directory: Path
    lxc: Lxc = field(init=False)
    deaths: int = field(init=False, default=0)
    _daemon: subprocess.Popen[bytes] | None = field(init=False, default=None)

    def __attrs_post_init__(self) -> None:
        self.lxc = Lxc(self.directory / "d", self.directory)

    @classmethod
    def until_the_end_of(cls, test: TestCase, directory: Path) -> LXD:
        """One that runs until the end of a test, with what its instances need."""
        need_namespaces()
        for program, package in (
            ("lxd", "lxd"),
            ("lxc", "lxd-client"),
            ("busybox", "busybox-static"),
        ):
            need_program(program, package)
        lxd = cls(directory)
        test.addCleanup(lxd.stop)
        lxd.start()
        lxd.lxc("storage", "create", "default", "dir")
        root = ("root", "disk", "path=/", "pool=default")
        lxd.lxc("profile", "device", "add", "default", *root)
        return lxd

    @property
    def home(self) -> Path:
        """Its ``LXD_DIR``."""
        return self.lxc.directory

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.directory / "lxd.log").open("ab") as log:
            self._daemon = subprocess.Popen(
                ("lxd", "--group", "root"),
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self.lxc.environment,
                start_new_session=True,
            )
        until((self.home / "devlxd" / "sock").is_socket, "LXD's guest socket")
        until((self.home / "unix.socket").is_socket, "LXD's host socket")
        self.lxc("query", "/1.0")

    def kill(self) -> None:
        """End it as it ends when two guests ask at the wrong time."""
        assert self._daemon is not None
        self._daemon.kill()
        self._daemon.wait(_PATIENCE)

    def revive(self) -> bool:
        """Start it anew if it has died, and say so."""
        # Its containers go on meanwhile.
        assert self._daemon is not None
        if self._daemon.poll() is None:
            return False
        self.deaths += 1
        for name in ("unix.socket", "devlxd/sock"):
            (self.home / name).unlink(missing_ok=True)
        self.start()
        return True

    def import_image(self, alias: str, content: bytes) -> None:
        """Have an image to make instances from."""
        file = self.directory / "image.tar.gz"
        file.write_bytes(content)
        self.lxc("image", "import", str(file), "--alias", alias)

    def start_instance(self, name: str) -> None:
        """
        Start a container.

        :raises AssertionError: with what LXC has to say of it, when that fails.
        """
        try:
            self.lxc("start", name)
        except AssertionError as error:
            log = (self.home / "logs" / name / "lxc.log").read_text()
            raise AssertionError(f"{error}\n{log}") from error

    def init_of(self, name: str) -> int:
        """The init process of a running container."""
        return int(self.lxc.query(f"/1.0/instances/{name}/state")["pid"])

    def stop(self) -> None:
        """Stop its containers, itself, and what it has mounted."""
        if self._daemon is None:
            return
        self.revive()
        for instance in self.lxc.query("/1.0/instances?recursion=1"):
            if instance["status"] == "Running":
                self.lxc("stop", "-f", instance["name"])
        self._daemon.terminate()
        self._daemon.wait(_PATIENCE)
        self._daemon = None
        for name in ("devlxd", "shmounts"):
            if os.path.ismount(self.home / name):
                subprocess.run(["umount", str(self.home / name)], check=True)
