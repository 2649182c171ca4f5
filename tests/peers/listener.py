"""Programs that hear events and write them down."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from attrs import define
from twisted.trial.unittest import SynchronousTestCase

from tests.peers.container import Container
from tests.peers.lxc import Lxc
from tests.peers.service import environment, until

PYTHON_PLACES = tuple(
    sorted(
        {sys.prefix, sys.base_prefix, *environment()["PYTHONPATH"].split(os.pathsep)}
    )
)
"""Where this very Python and its packages are; what is in another one, after that."""


@define
class Listener:
    """
    A running program that writes a line of JSON for each event.

    :ivar given: how many events were taken.
    """

    path: Path
    process: subprocess.Popen[str]
    given: int = 0

    @classmethod
    def in_guest(cls, test: SynchronousTestCase, container: Container) -> Listener:
        """``devlxd events``, as root of a container that has `PYTHON_PLACES`."""
        path = Path(test.mktemp())
        command = container.inside(
            *("env", f"PYTHONPATH={environment()['PYTHONPATH']}"),
            *(sys.executable, "-m", "devlxd.client.cli", "events", "--json"),
            *("--since", "0"),
        )
        with path.open("w") as file:
            process = subprocess.Popen(command, stdout=file, text=True)
        return cls._until_end(test, path, process)

    @classmethod
    def of_operator(cls, test: SynchronousTestCase, lxc: Lxc, what: str) -> Listener:
        """``lxc monitor``."""
        path = Path(test.mktemp())
        with path.open("w") as file:
            process = lxc.start(f"monitor --format=json {what}", stdout=file)
        return cls._until_end(test, path, process)

    @classmethod
    def _until_end(
        cls, test: SynchronousTestCase, path: Path, process: subprocess.Popen[str]
    ) -> Listener:
        listener = cls(path, process)
        test.addCleanup(listener.stop)
        return listener

    def stop(self) -> None:
        """End the program."""
        self.process.kill()
        self.process.communicate()

    def all(self) -> list[Any]:
        """Every event so far."""
        whole, _, _ = self.path.read_text().rpartition("\n")
        return [json.loads(line) for line in whole.splitlines() if line]

    def next(self, count: int) -> Sequence[Any]:
        """So many events, after those that were given before."""
        begin, end = self.given, self.given + count
        until(lambda: self._has(end), f"event {end} in {self.path}")
        self.given = end
        return self.all()[begin:end]

    def _has(self, count: int) -> bool:
        ended = self.process.poll() is not None
        if len(self.all()) < count and ended:
            raise AssertionError(f"{self.process.args!r} has ended")
        return len(self.all()) >= count
