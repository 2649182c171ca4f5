"""A root file system for containers, which leaves the host as it is."""

from __future__ import annotations

import subprocess
import tempfile

from attrs import define, field

from tests.need import need_program, need_root

ROOT = "/mnt/root"
"""Where it is, in a mount namespace that only what is run on the stage is in."""

_PATIENCE = 120.0  # seconds; the machine may be busy

_SET = """
set -e
mount -t tmpfs tmpfs /mnt
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay overlay /mnt/root -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work
mkdir -p /mnt/root/dev/lxd
rm -rf /mnt/root/var/lib/cloud /mnt/root/etc/netplan /mnt/root/etc/machine-id
printf 'locale: false\\n' >/mnt/root/etc/cloud/cloud.cfg.d/99-fast.cfg
echo ready
exec cat
"""


@define
class Stage:
    """
    A mount namespace with an overlay of the host's file system at `ROOT`.

    What is written to that stays in memory, and goes with the last process there.

    :ivar environment: variables that programs on the stage get beside ours.
    """

    environment: dict[str, str] = field(factory=dict)
    _holder: subprocess.Popen[str] | None = field(default=None, init=False)

    def set(self) -> None:
        """Make it."""
        need_root()
        for name in ("unshare", "nsenter"):
            need_program(name, "util-linux")
        self._holder = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "sh", "-c", _SET],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._holder.stdout is not None
        said = self._holder.stdout.readline()
        assert said == "ready\n", said

    def strike(self) -> None:
        """Let it go."""
        if self._holder is not None:
            self._holder.communicate(timeout=_PATIENCE)
            self._holder = None

    def command(self, *words: str) -> list[str]:
        """The command line that runs a program on the stage."""
        assert self._holder is not None
        variables = (f"{name}={value}" for name, value in self.environment.items())
        enter = ("nsenter", "--target", str(self._holder.pid), "--mount", "--wd=/")
        return [*enter, "env", *variables, *words]

    def run(self, *words: str, check: bool = True) -> str:
        """
        What a program prints that is run on the stage.

        :param check: whether it is an error when it fails.
        """
        # What it leaves running in the background may hold its output open.
        with tempfile.TemporaryFile("w+") as output:
            result = subprocess.run(
                self.command(*words),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=_PATIENCE,
            )
            output.seek(0)
            text = output.read()
        if check and result.returncode != 0:
            raise AssertionError(f"{words} failed:\n{text}")
        return text
