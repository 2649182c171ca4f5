"""Real containers of real runtimes, started as the examples say."""

from __future__ import annotations

import re
import shlex
import subprocess
from abc import ABC, abstractmethod
from pathlib import Path

from attrs import define, field

from tests.need import need_checkout, need_program
from tests.peers.service import until
from tests.peers.stage import ROOT, Stage

_SLEEP = ("sleep", "infinity")


@define
class Runtime(ABC):
    """
    A runtime with one container.

    :ivar stage: where it runs.
    :ivar directory: its own, on the host.
    :ivar sockets: the directory that the container sees as ``/dev/lxd``.
    :ivar name: that of the container.
    """

    stage: Stage
    directory: Path
    sockets: Path
    name: str

    @abstractmethod
    def need(self) -> None:
        """Go on only when the runtime is installed."""

    @abstractmethod
    def start(self) -> None:
        """Start the container."""

    @abstractmethod
    def stop(self) -> None:
        """Stop it, whether it runs or not."""

    @abstractmethod
    def inside(self, *words: str) -> list[str]:
        """The command by which the runtime runs a program in the container."""

    @abstractmethod
    def init(self) -> int:
        """The pid of its init process."""

    def run(self, *words: str, check: bool = True) -> str:
        """What a program prints that the runtime runs in the container."""
        environment = ("env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root")
        command = self.inside(*environment, "LC_ALL=C.UTF-8", *words)
        return self.stage.run(*command, check=check)

    def example(self, name: str) -> str:
        """An example, with the directory of the socket where it is."""
        text = (need_checkout() / "examples" / name).read_text()
        return text.replace("/var/lib/devlxd/devlxd", str(self.sockets))


@define
class LXC(Runtime):
    """
    ``lxc-start``.

    :ivar more: of the container's config.
    :ivar foreground: whether ``lxc-start`` stays as it was started.
    """

    more: str = ""
    foreground: bool = False

    @property
    def path(self) -> Path:
        """The directory of the containers."""
        return self.directory / "lxc"

    def need(self) -> None:
        need_program("lxc-start", "lxc")

    def start(self) -> None:
        include = self.directory / "devlxd.conf"
        include.write_text(self.example("lxc/devlxd.conf"))
        lines = (
            f"lxc.uts.name = {self.name}",
            f"lxc.rootfs.path = dir:{ROOT}",
            "lxc.net.0.type = empty",
            "lxc.mount.auto = proc:mixed sys:ro",
            "lxc.autodev = 1",
            "lxc.apparmor.profile = unconfined",
            f"lxc.init.cmd = {shlex.join(_SLEEP)}",
            f"lxc.include = {include}",
            self.more,
        )
        config = self.path / self.name / "config"
        config.parent.mkdir(parents=True)
        config.write_text("\n".join(lines) + "\n")
        if self.foreground:
            words = ("lxc-start", *self._which(), "--foreground")
            self.stage.run("setsid", "--fork", *words)
            until(
                lambda: self._do("lxc-info", "--state", "--no-humanize") == "RUNNING\n",
                "",
            )
        else:
            self._do("lxc-start")

    def stop(self) -> None:
        self._do("lxc-stop", "--kill", check=False)

    def inside(self, *words: str) -> list[str]:
        return ["lxc-attach", *self._which(), "--", *words]

    def init(self) -> int:
        return int(self._do("lxc-info", "--pid", "--no-humanize"))

    def _do(self, program: str, *words: str, check: bool = True) -> str:
        return self.stage.run(program, *self._which(), *words, check=check)

    def _which(self) -> tuple[str, ...]:
        return ("--lxcpath", str(self.path), "--name", self.name)


@define
class Nspawn(Runtime):
    """``systemd-nspawn``, by the command of a unit, since there is no systemd here."""

    options: tuple[str, ...] = ()
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def need(self) -> None:
        need_program("systemd-nspawn", "systemd-container")

    def start(self) -> None:
        unit = self.example("nspawn/web1.service").replace("web1", self.name)
        (line,) = (x for x in unit.splitlines() if x.startswith("ExecStart="))
        line = line.removeprefix("ExecStart=").removesuffix("--boot")
        command = line.replace(f"/var/lib/machines/{self.name}", ROOT).split()
        bare = ("--register=no", "--private-network", "--as-pid2")
        with (self.directory / "nspawn.log").open("wb") as log:
            self._process = subprocess.Popen(
                self.stage.command(*command, *bare, *self.options, *_SLEEP),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        until(self._runs, "systemd-nspawn to start its container")

    def stop(self) -> None:
        if self._process is not None:
            # It ends its container when it ends itself.
            self._process.terminate()
            self._process.wait()
            self._process = None

    def inside(self, *words: str) -> list[str]:
        enter = ("nsenter", "--target", str(self.init()), "--all", "--root", "--wd")
        return [*enter, *words]

    def init(self) -> int:
        (init,) = self._inits()
        return init

    def _runs(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise AssertionError((self.directory / "nspawn.log").read_text())
        return any(map(_children, self._inits()))

    def _inits(self) -> list[int]:
        """The init, once it is there; another process may stand in until then."""
        assert self._process is not None
        return [pid for pid in _children(self._process.pid) if _is_init(pid)]


@define
class Podman(Runtime):
    """
    ``podman``, which on hosts with cgroups of the first version needs to be told so.

    :ivar options: more of ``podman``.
    :ivar more: options of ``podman run``.
    """

    options: tuple[str, ...] = ()
    more: tuple[str, ...] = ()

    def need(self) -> None:
        need_program("podman", "podman")
        need_program("runc", "runc")

    def start(self) -> None:
        script = self.directory / "web1.sh"
        text = self.example("podman/web1.sh").replace("web1", self.name)
        script.write_text(
            text.replace("podman run", shlex.join([*self._podman(), "run"]))
        )
        script.chmod(0o755)
        limits = ("--ulimit", "nofile=4096:4096", "--ulimit", "nproc=4096:4096")
        self.stage.run(
            *(str(script), "--network", "none", *limits, *self.more),
            *("--rootfs", ROOT, *_SLEEP),
        )

    def stop(self) -> None:
        self.stage.run(
            *self._podman(), "rm", "--force", "--time=0", self.name, check=False
        )

    def inside(self, *words: str) -> list[str]:
        return [*self._podman(), "exec", self.name, *words]

    def init(self) -> int:
        form = ("--format", "{{.State.Pid}}", self.name)
        return int(self.stage.run(*self._podman(), "inspect", *form))

    def _podman(self) -> tuple[str, ...]:
        store = (
            "--root",
            f"{self.directory}/store",
            "--runroot",
            f"{self.directory}/r",
        )
        return (
            *("podman", *store, "--tmpdir", f"{self.directory}/t"),
            *("--storage-driver", "vfs", "--cgroup-manager", "cgroupfs"),
            *("--runtime", "runc", *self.options),
        )


def _is_init(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status").read_text()
    return re.search(r"^NSpid:\t\d+\t1$", status, re.MULTILINE) is not None


def _children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return list(map(int, text.split()))
