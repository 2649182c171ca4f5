"""Real containers: processes in namespaces of their own, by ``unshare`` alone."""

from __future__ import annotations

import subprocess
from pathlib import Path

from attrs import define, field

from tests.need import need_program, need_root

_PROGRAMS = (("unshare", "util-linux"), ("nsenter", "util-linux"), ("ip", "iproute2"))
_INIT = Path(__file__).with_name("as-container")
_PATIENCE = 300.0  # seconds; the machine may be busy


@define
class Container:
    """
    A container that runs nothing but an init process.

    :ivar socket_directory: what it sees as ``/dev/lxd``.
    :ivar shared: directories of the host that are there, too, wherever they are.
    """

    socket_directory: Path
    shared: tuple[str, ...] = ()
    _unshare: subprocess.Popen[str] | None = field(default=None, init=False)

    def start(self) -> None:
        """Start its init process."""
        need_root()
        for name, package in _PROGRAMS:
            need_program(name, package)
        self._unshare = subprocess.Popen(
            [
                *("unshare", "--mount", "--uts", "--net", "--ipc", "--pid", "--fork"),
                *("--propagation", "private", "--kill-child"),
                *(str(_INIT), str(self.socket_directory), *self.shared),
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._unshare.stdout is not None
        said = self._unshare.stdout.readline()
        assert said == "ready\n", said

    def stop(self) -> None:
        """End it and all that runs in it."""
        if self._unshare is not None:
            self._unshare.kill()
            self._unshare.communicate()
            self._unshare = None

    @property
    def init(self) -> int:
        """Its init process, by its pid on the host."""
        assert self._unshare is not None
        pid = self._unshare.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        return int(children.split()[0])

    def inside(self, *command: str) -> tuple[str, ...]:
        """The command that has another one run in it, by root."""
        return (
            *("nsenter", "--target", str(self.init), "--all", "--root", "--wd"),
            *("env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root"),
            *("LC_ALL=C.UTF-8", *command),
        )

    def run(self, *command: str, check: bool = True) -> str:
        """
        What a command prints, run in it by root.

        :param check: whether it is an error when the command fails.
        """
        result = subprocess.run(
            self.inside(*command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_PATIENCE,
        )
        if check and result.returncode != 0:
            raise AssertionError(f"{command} failed:\n{result.stdout}")
        return result.stdout
