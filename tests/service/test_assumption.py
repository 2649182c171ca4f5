"""One instance, whoever asks."""

from __future__ import annotations

from pathlib import Path

from twisted.internet.defer import Deferred
from twisted.logger import LogLevel, capturedLogs, formatEvent
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from devlxd.errors import CannotStart
from devlxd.interfaces import ILocator
from devlxd.model.identity import NOBODY, Located
from devlxd.model.instance import Instance
from devlxd.model.names import InstanceName
from devlxd.service.assumption import Assumption
from devlxd.service.atonce import at_once
from devlxd.service.readfile import ReadFile
from devlxd.stores.memory import Memory
from devlxd.stores.store import Store
from tests.stores.parts import uuids

C1 = InstanceName("default", "c1")


class AssumptionTests(SynchronousTestCase):
    """`Assumption` is what ``--assume`` makes."""

    def setUp(self) -> None:
        """Have a store without instances."""
        self.instances = Store(Memory(), uuids()).instances
        self.assumption = Assumption(C1, self.instances)

    def test_locator(self) -> None:
        """Its locator takes everybody for that instance."""
        locator = self.assumption.locator
        verifyObject(ILocator, locator)
        self.assertEqual(locator.locate(NOBODY), Located(C1, None))

    def test_loud(self) -> None:
        """It warns that it does not look who is calling."""
        self.successResultOf(self.instances.create(Instance(C1)))
        with capturedLogs() as events:
            self.assumption.startService()
        (event,) = events
        self.assertEqual(event["log_level"], LogLevel.warn)
        self.assertEqual(
            formatEvent(event),
            "EVERY CALLER is taken for default/c1, whoever it is (--assume)",
        )

    def test_unknown(self) -> None:
        """An instance that is not there keeps the service from starting."""
        with self.assertRaises(CannotStart) as caught:
            self.assumption.startService()
        self.assertEqual(
            str(caught.exception), "--assume default/c1: there is no such instance"
        )

    def test_edited(self) -> None:
        """Which process an edited file says that it is makes no difference."""
        file = ReadFile.of(Path("/x"), b"instances: {c1: {init: 1}}")
        with capturedLogs() as events:
            at_once(Deferred.fromCoroutine(self.assumption.follow(file)))
        self.assertEqual(events, [])
        self.assertEqual(self.assumption.locator.locate(NOBODY), Located(C1, None))
