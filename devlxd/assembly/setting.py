"""What all parts are put together by."""

from __future__ import annotations

import socket
from typing import Any, Self

from attrs import frozen

from devlxd.events.sink import Backlog
from devlxd.options import Options
from devlxd.service.openfiles import OpenFiles
from devlxd.service.statedirectory import StateDirectory
from devlxd.web.bounds import Bounds


@frozen
class Setting:
    """
    What the operator says, and where the service is.

    :ivar options: after parsing.
    :ivar server: the host's name.
    """

    options: Options
    reactor: Any
    state: StateDirectory
    files: OpenFiles
    server: str

    @classmethod
    def of(cls, options: Options, reactor: Any) -> Self:
        """What options say, on this host and for this process."""
        state = StateDirectory(options["state-dir"], options["compat"].directory)
        files = OpenFiles.of_this_process()
        return cls(options, reactor, state, files, socket.gethostname())

    @property
    def bounds(self) -> Bounds:
        """How much, and for how long, guests may ask."""
        return Bounds(
            head=self.options["max-head"],
            body=self.options["max-body"],
            head_time=self.options["head-time"],
            idle_time=self.options["idle-time"],
            connections=self.files.connections,
        )

    @property
    def backlog(self) -> Backlog:
        """How many events may wait for who is slow to read them."""
        return Backlog(self.options["queue-events"], self.options["queue-bytes"])
