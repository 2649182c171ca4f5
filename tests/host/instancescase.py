"""A host with an instance that a test makes and changes."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from devlxd.model.identity import Boot
from devlxd.model.lifecycle import ready, started
from devlxd.model.names import InstanceName
from tests.host.talk import Talk

C1 = InstanceName("default", "c1")
URL = "/1.0/instances/c1"
NONE = {"type": "none"}


class InstancesCase(SynchronousTestCase):
    """A host with one instance, ``c1``."""

    def setUp(self) -> None:
        """Make it as ``lxc`` does."""
        self.talk = Talk()
        self.create("c1", config={"user.a": "1"}, type="container")

    def create(self, name: str, query: str = "", **fields: object) -> Any:
        """Make an instance; the operation that did it."""
        document = {"name": name, "source": NONE, **fields}
        return self.talk.succeed("POST", f"/1.0/instances{query}", document)

    def config(self, url: str = URL) -> dict[str, str]:
        """The local config of an instance."""
        config: dict[str, str] = self.talk.get(url)["config"]
        return config

    def etag(self) -> dict[str, str]:
        """The header of who has seen the present state of ``c1``."""
        return {"If-Match": self.talk.ask("GET", URL).headers["etag"]}

    def life(self) -> None:
        """Have ``c1`` run and be ready."""
        self.talk.lives.pids[C1] = 7
        update = self.talk.store.instances.update
        update(C1, lambda old: ready(started(old, Boot(7, "life")), True))
