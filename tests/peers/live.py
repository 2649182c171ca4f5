"""The guest API in the process of the tests, on a real socket, to change at will."""

from __future__ import annotations

import shutil
import tempfile
from functools import partial
from itertools import count
from pathlib import Path
from time import time_ns
from typing import Any

from attrs import define, evolve, field
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import UNIXServerEndpoint
from twisted.trial.unittest import TestCase

from devlxd.events.feed import Feed
from devlxd.events.sink import Backlog
from devlxd.guest.api import guest_api
from devlxd.guest.door import Door
from devlxd.identity.assumed import Assumed
from devlxd.model.instance import Instance
from devlxd.model.names import InstanceName
from devlxd.stores.imagedirectory import ImageDirectory
from devlxd.stores.imagefiles import ImageFiles
from devlxd.stores.memory import Memory
from devlxd.stores.store import Store, inline
from devlxd.web.bounds import Bounds
from devlxd.web.dialects import Plain
from devlxd.web.site import Site

C1 = InstanceName("default", "c1")

_reactor: Any = reactor


def _with(instance: Instance, key: str, value: str) -> Instance:
    return evolve(instance, config={**instance.config, key: value})


@define
class Live:
    """
    A service that takes everybody for `C1`.

    :ivar socket: where it listens.
    """

    directory: Path = field(factory=lambda: Path(tempfile.mkdtemp(prefix="devlxd-")))
    store: Store = field(init=False)
    images: ImageDirectory = field(init=False)
    feed: Feed = field(init=False)
    site: Site = field(init=False)

    @property
    def socket(self) -> Path:
        """Where it listens."""
        return self.directory / "sock"

    async def start(self, test: TestCase, backlog: Backlog | None = None) -> None:
        """Serve until the end of a test."""
        test.addCleanup(shutil.rmtree, self.directory)
        numbers = count()
        self.store = Store(Memory(), lambda: f"uuid-{next(numbers)}", time_ns)
        await self.store.instances.create(Instance(C1, profiles=()))
        files = ImageFiles(self.directory / "images")
        self.images = ImageDirectory(self.store.images, files, inline)
        self.images.prepare()
        self.feed = Feed(self.store.journal, _reactor, time_ns, backlog or Backlog())
        self.site = Site(
            guest_api(self.store.instances, self.images, self.feed, Plain(), "host"),
            Door(Assumed(C1), self.store.instances, 1024),
            Plain(),
            Bounds(),
            _reactor,
        )
        endpoint = UNIXServerEndpoint(_reactor, str(self.socket), backlog=1024)
        port = await endpoint.listen(self.site)
        test.addCleanup(self._stop, port)

    def set(self, key: str, value: str) -> Deferred[object]:
        """Change a key of `C1`."""
        rule = partial(_with, key=key, value=value)
        changed: Deferred[Any] = self.store.instances.update(C1, rule)
        return changed

    async def _stop(self, port: Any) -> None:
        await port.stopListening()
        await self.site.drain()
