"""Programs that hear events and write them down."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TextIO

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
    def by(
        cls,
        test: SynchronousTestCase,
        start: Callable[[TextIO], subprocess.Popen[str]],
    ) -> Listener:
        """A program that writes to the file that it is started with."""
        path = Path(test.mktemp())
        with path.open("w") as file:
            listener = cls(path, start(file))
        test.addCleanup(listener.stop)
        return listener

    @classmethod
    def in_guest(cls, test: SynchronousTestCase, container: Container) -> Listener:
        """``devlxd events``, as root of a container that has `PYTHON_PLACES`."""
        command = container.inside(
            *("env", f"PYTHONPATH={environment()['PYTHONPATH']}"),
            *(sys.executable, "-m", "devlxd.client.cli", "events", "--json"),
            *("--since", "0"),
        )
        return cls.by(
            test, lambda file: subprocess.Popen(command, stdout=file, text=True)
        )

    @classmethod
    def of_operator(cls, test: SynchronousTestCase, lxc: Lxc, what: str) -> Listener:
        """``lxc monitor``."""
        command = f"monitor {what}"
        return cls.by(test, lambda file: lxc.start(command, stdout=file))

    def begin(self, probe: Callable[[], object]) -> None:
        """
        Wait until the program listens, of which it says nothing by itself.

        :param probe: makes something happen that it writes down if it does.
        """
        before = len(self.lines())

        def listens() -> bool:
            probe()
            return len(self.lines()) > before

        until(listens, f"{self.process.args!r} to listen")

    def stop(self) -> None:
        """End the program."""
        self.process.kill()
        self.process.communicate()

    def all(self) -> list[Any]:
        """Every event so far."""
        return [json.loads(line) for line in self.lines()]

    def lines(self) -> list[str]:
        """The whole lines so far."""
        whole, _, _ = self.path.read_text().rpartition("\n")
        return [line for line in whole.splitlines() if line]

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
