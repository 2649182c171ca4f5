"""An operator that talks to the host API in memory."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from attrs import define, field
from twisted.internet.task import Clock
from zope.interface import implementer

from devlxd.events.broadcast import Broadcast
from devlxd.events.sink import Backlog
from devlxd.host.admission import Host, HostAdmission
from devlxd.host.announcer import Announcer
from devlxd.host.api import host_api
from devlxd.host.door import Operator
from devlxd.host.imagesink import ImageIntake
from devlxd.host.operations import Operations
from devlxd.host.projectlist import Projects
from devlxd.interfaces import IRuntime
from devlxd.model.identity import NOBODY, Boot
from devlxd.model.names import InstanceName
from devlxd.stores.backend import Run
from devlxd.stores.imagedirectory import ImageDirectory, ImageLimits
from devlxd.stores.imagefiles import ImageFiles
from devlxd.stores.memory import Memory
from devlxd.stores.store import Store, inline
from devlxd.web.bounds import Bounds
from devlxd.web.dialects import Envelope
from devlxd.web.interfaces import IDoor
from devlxd.web.site import Site
from tests.web.responses import Response
from tests.web.wire import Wire

THEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
"""When everything happens."""


def _image_directory() -> Path:
    """A directory that is removed at the latest when the process ends."""
    holder = tempfile.TemporaryDirectory(prefix="devlxd-images-")
    _directories.append(holder)
    return Path(holder.name)


_directories: list[tempfile.TemporaryDirectory[str]] = []


@implementer(IRuntime)
@define
class Lives:
    """Instances that run because a test says so, by the pid of their init process."""

    pids: dict[InstanceName, int] = field(factory=dict)

    def runs(self, name: InstanceName) -> bool:
        """Whether a test said so."""
        return name in self.pids

    def pid_of(self, name: InstanceName) -> int | None:
        """What a test said."""
        return self.pids.get(name)

    async def register(self, name: InstanceName, pid: int) -> Boot:
        """Take it for granted."""
        self.pids[name] = pid
        return Boot(pid, str(pid))


@implementer(IDoor)
@define
class OpenDoor:
    """
    Lets everybody in.

    :ivar trusts: whether they may manage the host.
    """

    trusts: bool = True

    def enter(self, transport: object) -> Operator:
        """Whoever it is."""
        return Operator(NOBODY, self.trusts)

    def leave(self, visitor: object) -> None:
        """Nothing is counted."""


@define
class Talk:
    """The host API over a store in memory."""

    door: OpenDoor = field(factory=OpenDoor)
    lives: Lives = field(factory=Lives)
    clock: Clock = field(factory=Clock)
    backlog: Backlog = field(factory=Backlog)
    limits: ImageLimits = field(factory=ImageLimits)
    run: Run = inline
    path: Path = field(factory=_image_directory)
    images: ImageDirectory = field(init=False)
    store: Store = field(init=False)
    host: Host = field(init=False)
    site: Site = field(init=False)

    def __attrs_post_init__(self) -> None:
        numbers = count(1)

        def new_uuid() -> str:
            return f"uuid-{next(numbers)}"

        self.store = Store(Memory(), new_uuid, lambda: 10**18)
        instances, profiles = self.store.instances, self.store.profiles
        images = self.images = ImageDirectory(
            self.store.images, ImageFiles(self.path), self.run, self.limits
        )
        images.prepare()
        self.host = Host(
            self.store,
            instances,
            profiles,
            Projects(self.store, instances, profiles, images),
            self.lives,
            Operations(new_uuid),
            "host",
            Announcer(Broadcast(self.clock, lambda: 10**18, self.backlog)),
            images,
            self.store.aliases,
            architecture="x86_64",
            now=lambda: THEN,
            new_name=lambda: f"new-{next(numbers)}",
        )
        intake = ImageIntake(HostAdmission(self.host))
        self.site = Site(
            host_api(self.host), self.door, Envelope(), Bounds(), self.clock, intake
        )

    def connect(self) -> Wire:
        """A new connection."""
        wire = Wire(self.clock)
        wire.protocol = self.site.buildProtocol(None)
        wire.protocol.makeConnection(wire)
        return wire

    def ask(
        self,
        method: str,
        path: str,
        document: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """One request on a connection of its own, with a JSON document in it."""
        body = b"" if document is None else json.dumps(document).encode()
        lines = [f"{method} {path} HTTP/1.1", "Host: x", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        return self.connect().ask("\r\n".join([*lines, "", ""]).encode() + body)

    def get(self, path: str) -> Any:
        """The metadata of a successful answer to ``GET``."""
        return self.succeed("GET", path)

    def succeed(self, method: str, path: str, document: object = None) -> Any:
        """The metadata of a successful answer."""
        response = self.ask(method, path, document)
        envelope = json.loads(response.body)
        if envelope["type"] == "error":
            raise AssertionError(f"{method} {path}: {envelope}")
        return envelope["metadata"]

    def refusal(
        self,
        method: str,
        path: str,
        document: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, str]:
        """The status and the text of a refusal."""
        response = self.ask(method, path, document, headers)
        envelope = json.loads(response.body)
        return envelope["error_code"], envelope["error"]
