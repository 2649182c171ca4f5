"""A virtual machine, by the script of the example."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from threading import Timer

from attrs import define
from twisted.trial.unittest import SynchronousTestCase

from tests.need import lacking, need_checkout, need_program

_PATIENCE = 500  # seconds; software emulation on a busy machine


def need_machine() -> Path:
    """
    Go on only when virtual machines can be made here.

    :return: the directory of the example.
    """
    need_program("qemu-system-x86_64", "qemu-system-x86")
    need_program("busybox", "busybox-static")
    need_program("cpio", "cpio")
    need_program("modprobe", "kmod")
    need_program("socat", "socat")
    if not list(Path("/boot").glob("vmlinuz-*-cloud-amd64")):
        lacking("needs a kernel: apt-get install linux-image-cloud-amd64")
    return need_checkout() / "examples" / "qemu"


@define
class Machine:
    """A virtual machine, and what it prints."""

    _process: subprocess.Popen[str]

    @classmethod
    def start(cls, case: SynchronousTestCase, socket: Path, **environ: str) -> Machine:
        """
        One that runs until the end of a test at the latest.

        :param socket: of its instance.
        :param environ: for the script.
        """
        process = subprocess.Popen(
            [need_machine() / "vm.sh", socket],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **environ},
            # So that all that it starts can be ended with it.
            start_new_session=True,
        )
        machine = cls(process)
        case.addCleanup(machine.stop)
        return machine

    def hear(self, words: str) -> list[str]:
        """
        Wait until it prints a line with these words.

        :return: all lines that it has printed up to that.
        """
        said = []
        for line in self._lines():
            said.append(line)
            if words in line:
                return said
        raise AssertionError(f"not {words!r} but {said}")

    def rest(self) -> list[str]:
        """All lines that it prints until it ends."""
        return list(self._lines())

    def stop(self) -> None:
        """End it, if it runs."""
        assert self._process.stdout is not None
        if self._process.poll() is None:
            self._end()
        self._process.stdout.close()
        self._process.wait(_PATIENCE)

    def _lines(self) -> Iterator[str]:
        assert self._process.stdout is not None
        watchdog = Timer(_PATIENCE, self._end)
        watchdog.start()
        try:
            for line in self._process.stdout:
                yield line.rstrip()
        finally:
            watchdog.cancel()

    def _end(self) -> None:
        os.killpg(self._process.pid, signal.SIGTERM)
