"""A guest that talks to the guest API in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from email.message import Message
from http.client import HTTPResponse
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any, cast

from attrs import define, field, frozen
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransportWithDisconnection

from devlxd.errors import Refusal
from devlxd.events.feed import Feed
from devlxd.events.sink import Backlog
from devlxd.guest.api import guest_api
from devlxd.guest.compat import Compat
from devlxd.guest.dismissal import Dismissal
from devlxd.guest.door import Door
from devlxd.guest.servers import LXD_6
from devlxd.interfaces import ILocator
from devlxd.model.instance import Instance, Profile
from devlxd.model.names import ImageName, InstanceName
from devlxd.stores.imagedirectory import ImageDirectory
from devlxd.stores.imagefiles import ImageFiles
from devlxd.stores.memory import Memory
from devlxd.stores.store import Store, inline
from devlxd.web.bounds import Bounds
from devlxd.web.dialects import Plain
from devlxd.web.site import Site

C1 = InstanceName("default", "c1")
HOST = "host.example"


@frozen
class Response:
    """What came back."""

    status: int
    headers: Message
    body: bytes


class _Bytes:
    """What `http.client` takes for a socket."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def makefile(self, *_: object) -> BytesIO:
        return BytesIO(self._content)


def parsed(content: bytes, method: str = "GET") -> Response:
    """One whole response."""
    response = HTTPResponse(cast(Any, _Bytes(content)), method=method)
    response.begin()
    return Response(response.status, response.headers, response.read())


@define
class Conversation:
    """
    The guest API over a store in memory.

    :ivar locator: tells who asks.
    :ivar compat: whom it is answered like.
    :ivar images_at: where images are; none are taken in unless that is there.
    :ivar retrieved: the images that guests have fetched.
    """

    locator: ILocator
    limit: int = 4
    backlog: Backlog = field(factory=Backlog)
    compat: Compat = LXD_6
    images_at: Path = Path("/nonexistent")
    retrieved: list[ImageName] = field(factory=list)
    clock: Clock = field(init=False)
    images: ImageDirectory = field(init=False)
    feed: Feed = field(init=False)
    store: Store = field(init=False)
    site: Site = field(init=False)

    def __attrs_post_init__(self) -> None:
        numbers = count(1)
        self.store = Store(Memory(), lambda: f"uuid-{next(numbers)}", lambda: 10**18)
        self.clock = Clock()
        self.feed = Feed(
            self.store.journal,
            self.clock,
            lambda: 10**18,
            self.backlog,
            self.compat.manner,
        )
        files = ImageFiles(self.images_at)
        self.images = ImageDirectory(self.store.images, files, inline)
        instances, dialect = self.store.instances, Plain(self.compat.words)
        api = guest_api(
            instances,
            self.images,
            self.feed,
            dialect,
            HOST,
            retrieved=self.retrieved.append,
            compat=self.compat,
        )
        self.site = Site(
            api,
            Door(self.locator, instances, self.limit),
            dialect,
            Bounds(),
            self.clock,
        )
        dismissal = Dismissal(self.site.end, self.compat.reading.is_served)
        instances.observe(dismissal.notice)

    def create(self, *values: Instance | Profile) -> None:
        """Have these in the store."""
        for value in values:
            if isinstance(value, Profile):
                self.store.profiles.create(value)
            else:
                self.store.instances.create(value)

    def change(self, rule: Callable[[Instance], Instance]) -> None:
        """Change `C1`."""
        self.store.instances.update(C1, rule)

    def connect(self) -> StringTransportWithDisconnection:
        """A new connection."""
        transport = StringTransportWithDisconnection()
        channel = self.site.buildProtocol(None)
        transport.protocol = channel
        channel.makeConnection(transport)
        return transport

    def ask(
        self,
        path: str,
        method: str = "GET",
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """One request on a connection of its own."""
        lines = [f"{method} {path} HTTP/1.1", "Host: x", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        transport = self.connect()
        channel = cast(Any, transport.protocol)
        channel.dataReceived("\r\n".join([*lines, "", ""]).encode() + body)
        # What is not held but asked for more each time, as a reactor does.
        while transport.producer is not None and not transport.streaming:
            transport.producer.resumeProducing()
        response = parsed(transport.value(), method)
        transport.loseConnection()
        return response

    def text(self, path: str) -> str:
        """The body of a successful answer."""
        response = self.ask(path)
        if response.status != 200:
            raise Refusal(f"{response.status} {response.body.decode()}")
        return response.body.decode()
