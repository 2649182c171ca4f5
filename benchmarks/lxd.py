"""LXD itself, with one container that has nothing but the load generator in it."""

from __future__ import annotations

import platform
import shutil
import subprocess
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

from benchmarks.load import build

__all__ = ["LXD"]

_PATIENCE = 30.0  # seconds
_SOCKET = Path("/dev/lxd/sock")
_BUSYBOX = Path("/bin/busybox")
_INIT = f"#!{_BUSYBOX} sh\nexec {_BUSYBOX} sleep 1000000\n"
_DIRECTORIES = ("bin", "dev", "etc", "proc", "root", "sbin", "sys", "tmp")
_METADATA = f"architecture: {platform.machine()}\ncreation_date: 1\n"


@frozen
class LXD:
    """
    A running LXD.

    :ivar pid: its process.
    :ivar inside: a command that runs another one in its container.
    :ivar socket: as the container sees it.
    :ivar generator: the load generator, as the container sees it.
    """

    pid: int
    inside: tuple[str, ...]
    socket: Path = _SOCKET
    generator: Path = Path("/bin/load")

    @classmethod
    @contextmanager
    def running(cls, directory: Path, *pinned: str) -> Iterator[LXD]:
        """
        Start one in an empty directory, and its container.

        :param pinned: a command that runs LXD.
        """
        home, settings = directory / "lxd", directory / "lxc"
        settings.mkdir()
        home.mkdir(mode=0o711)
        setting = (f"LXD_DIR={home}", f"LXD_CONF={settings}")
        lxc = ("env", *setting, "lxc")
        command = ["env", *setting, *pinned, "lxd", "--group", "root"]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as lxd:
            try:
                _wait_for(home / "unix.socket", home / "devlxd" / "sock")
                _start_container(lxc, _image(directory))
                yield cls(lxd.pid, (*lxc, "exec", "c1", "--"))
                _run(*lxc, "stop", "-f", "c1")
            finally:
                lxd.terminate()
                lxd.wait()
                for name in ("devlxd", "shmounts"):
                    subprocess.run(["umount", "-q", home / name], check=False)


def _start_container(lxc: tuple[str, ...], image: Path) -> None:
    disk = ("root", "disk", "path=/", "pool=default")
    config = ("-c", "security.privileged=true", "-c", "user.role=web")
    _run(*lxc, "storage", "create", "default", "dir")
    _run(*lxc, "profile", "device", "add", "default", *disk)
    _run(*lxc, "image", "import", str(image), "--alias", "tiny")
    _run(*lxc, "init", "tiny", "c1", *config)
    _run(*lxc, "start", "c1")


def _run(*command: str) -> None:
    pipe = subprocess.PIPE
    subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=pipe,
        stderr=pipe,
        timeout=_PATIENCE,
        check=True,
    )


def _image(directory: Path) -> Path:
    """An image whose init sleeps."""
    image, root = directory / "image.tar.gz", directory / "rootfs"
    for name in _DIRECTORIES:
        (root / name).mkdir(parents=True)
    shutil.copy(_BUSYBOX, root / "bin")
    build(root / "bin", "-static")
    (root / "sbin" / "init").write_text(_INIT)
    (root / "sbin" / "init").chmod(0o755)
    metadata = directory / "metadata.yaml"
    metadata.write_text(_METADATA)
    with tarfile.open(image, "w:gz") as archive:
        archive.add(metadata, "metadata.yaml")
        archive.add(root, "rootfs")
    return image


def _wait_for(*sockets: Path) -> None:
    end = time.monotonic() + _PATIENCE
    while not all(socket.exists() for socket in sockets):
        if time.monotonic() > end:
            raise RuntimeError("LXD does not start")
        time.sleep(0.1)
    # It has its socket before it knows its storage.
    time.sleep(2)
