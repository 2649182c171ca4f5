"""A registry, and guests that are registered in it."""

from __future__ import annotations

from twisted.internet.testing import MemoryReactor

from devlxd.errors import NotInContainer
from devlxd.identity.credentials import peer_of
from devlxd.identity.namespaces import Namespaces
from devlxd.identity.registry import Registry
from devlxd.model.identity import Located
from devlxd.model.names import InstanceName
from tests.identity import guests
from tests.identity.guests import Transport

C1 = InstanceName("default", "c1")
C2 = InstanceName("default", "c2")


class Instances(guests.RealProcesses):
    """Tests with a registry; its reactor tells of an end when `react` is called."""

    def setUp(self) -> None:
        """Make an empty registry."""
        super().setUp()
        self.reactor = MemoryReactor()
        self.registry = Registry(Namespaces.here(self.kernel), self.reactor)
        self.addCleanup(self.registry.close)
        self.over: list[InstanceName] = []

    def register(self, name: InstanceName, pid: int) -> None:
        """Register a guest; its end is noted in ``over``."""
        self.registry.register(name, pid, lambda: self.over.append(name))

    def instance(self, name: InstanceName, *options: str) -> int:
        """Start a guest and register it."""
        init = self.guest(*options)
        self.register(name, init)
        return init

    def located(self, transport: Transport) -> Located:
        """What the peer of a connection is told."""
        with peer_of(transport, self.kernel) as peer:
            return self.registry.locate(peer)

    def is_root(self, transport: Transport) -> bool:
        """Whether the peer of a connection may speak for its instance."""
        with peer_of(transport, self.kernel) as peer:
            return self.registry.locate(peer).is_root(peer)

    def assertRefused(self, transport: Transport) -> None:
        """Fail unless the peer of a connection is in no instance."""
        refusal = self.assertRaises(NotInContainer, self.located, transport)
        self.assertEqual(refusal.text, "Process ID not found in container")

    def react(self) -> None:
        """Tell all readers that they can read, be it true or not."""
        for reader in self.reactor.getReaders():
            reader.doRead()
