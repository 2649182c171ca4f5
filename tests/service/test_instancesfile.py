"""The instances file is applied at start."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from twisted.logger import capturedLogs, formatEvent
from twisted.trial.unittest import SynchronousTestCase

from devlxd.errors import CannotStart
from devlxd.model.names import InstanceName
from devlxd.service.instancesfile import InstancesFile
from devlxd.service.readfile import ReadFile
from devlxd.stores.backend import IBackend
from devlxd.stores.memory import Memory
from devlxd.stores.sqlite import SQLite
from devlxd.stores.store import Store
from tests.stores.parts import database, uuids

NOW = datetime(2026, 1, 31, tzinfo=UTC)
FILE = Path("/etc/devlxd.yaml")


class InstancesFileTests(SynchronousTestCase):
    """`InstancesFile` makes true what the file states."""

    def store(self, backend: IBackend) -> Store:
        """A store that is open until the test ends."""
        store = Store(backend, uuids())
        store.open()
        self.addCleanup(store.close)
        return store

    def apply(self, store: Store, text: str) -> str:
        """Start with a file; what the log says of it."""
        file = ReadFile.of(FILE, text.encode())
        with capturedLogs() as events:
            InstancesFile(file, store, "riscv64", lambda: NOW).startService()
        return formatEvent(events[-1])

    def test_applied(self) -> None:
        """What it states is in the store when it has started."""
        store = self.store(Memory())
        said = self.apply(store, "instances: {c1: {config: {user.a: b}}}")
        self.assertEqual(said, "/etc/devlxd.yaml: 1 created, 0 changed, 0 deleted")
        instance = store.instances.get(InstanceName("default", "c1")).instance
        self.assertEqual(instance.config["user.a"], "b")
        self.assertEqual(instance.architecture, "riscv64")
        self.assertEqual(instance.created, NOW)

    def test_difference(self) -> None:
        """It is the difference to the last start that is applied."""
        store = self.store(Memory())
        self.apply(store, "instances: {c1: {}, c2: {}}")
        text = "instances: {c1: {description: x}}"
        said = self.apply(store, text)
        self.assertEqual(said, "/etc/devlxd.yaml: 0 created, 1 changed, 1 deleted")
        said = self.apply(store, text)
        self.assertEqual(said, "/etc/devlxd.yaml: 0 created, 0 changed, 0 deleted")

    def test_impossible(self) -> None:
        """What cannot be keeps the service from starting, and the store as it was."""
        store = self.store(Memory())
        with self.assertRaises(CannotStart) as caught:
            self.apply(store, "instances:\n  c1: {}\n  c2: {profiles: [nope]}\n")
        self.assertEqual(
            str(caught.exception),
            "/etc/devlxd.yaml:3: no profile default/nope, "
            "neither here nor in the store",
        )
        self.assertEqual(list(store.instances.all()), [])

    def test_not_durable(self) -> None:
        """So does a disk that takes nothing more."""
        backend = SQLite(database(self))
        store = self.store(backend)
        backend.close()
        with self.assertRaises(CannotStart) as caught:
            self.apply(store, "instances: {c1: {}}")
        self.assertEqual(
            str(caught.exception), "/etc/devlxd.yaml: Failed saving the change"
        )
        self.assertEqual(len(self.flushLoggedErrors()), 1)
