"""The parts of the service start and stop together."""

from __future__ import annotations

from attrs import define, field
from twisted.application.service import Service
from twisted.internet.defer import Deferred, fail
from twisted.logger import capturedLogs, formatEvent
from twisted.trial.unittest import SynchronousTestCase

from devlxd import __version__
from devlxd.errors import CannotStart
from devlxd.service.whole import Devlxd
from devlxd.stores.backend import StoreUnusable


@define(eq=False)
class Part(Service):
    """
    Notes when it starts and stops.

    :ivar refuses: raised when it starts, if anything.
    :ivar stops: when it has stopped, if that is not at once.
    """

    noun: str
    notes: list[str]
    refuses: Exception | None = None
    stops: Deferred[None] | None = field(default=None, kw_only=True)

    def startService(self) -> None:
        if self.refuses is not None:
            raise self.refuses
        super().startService()
        self.notes.append(f"{self.noun} starts")

    def stopService(self) -> Deferred[None] | None:
        super().stopService()
        self.notes.append(f"{self.noun} stops")
        return self.stops


class DevlxdTests(SynchronousTestCase):
    """`Devlxd` is all parts together."""

    def setUp(self) -> None:
        """Have a whole without parts."""
        self.notes: list[str] = []
        self.whole = Devlxd()

    def add(
        self,
        noun: str,
        refuses: Exception | None = None,
        stops: Deferred[None] | None = None,
    ) -> None:
        """Give it one more part."""
        Part(noun, self.notes, refuses, stops=stops).setServiceParent(self.whole)

    def test_order(self) -> None:
        """Parts start in order and stop in the other one."""
        self.add("first")
        self.add("second")
        self.whole.startService()
        self.assertTrue(self.whole.running)
        self.successResultOf(self.whole.stopService())
        self.assertFalse(self.whole.running)
        self.assertEqual(
            self.notes,
            ["first starts", "second starts", "second stops", "first stops"],
        )

    def test_patience(self) -> None:
        """A part stops when the one that needs it has stopped."""
        stopped: Deferred[None] = Deferred()
        self.add("first")
        self.add("second", stops=stopped)
        self.whole.startService()
        stopping = self.whole.stopService()
        self.assertEqual(self.notes[2:], ["second stops"])
        self.assertNoResult(stopping)
        stopped.callback(None)
        self.successResultOf(stopping)
        self.assertEqual(self.notes[2:], ["second stops", "first stops"])

    def test_cannot_start(self) -> None:
        """
        When a part cannot start, those before it stop, those after it never start, and
        the reason is logged and raised.
        """
        for reason in (CannotStart("no room"), StoreUnusable("no room")):
            self.notes.clear()
            self.whole = Devlxd()
            self.add("first")
            self.add("second", reason)
            self.add("third")
            with capturedLogs() as events, self.assertRaises(CannotStart) as caught:
                self.whole.startService()
            self.assertEqual(str(caught.exception), "no room")
            self.assertEqual(formatEvent(events[-1]), "Cannot start: no room")
            self.assertEqual(self.notes, ["first starts", "first stops"])
            self.assertFalse(self.whole.running)

    def test_fault_at_start(self) -> None:
        """So it is when a part fails by a fault, which is logged in full."""
        self.add("first")
        self.add("second", ZeroDivisionError())
        self.assertRaises(ZeroDivisionError, self.whole.startService)
        self.assertEqual(self.notes, ["first starts", "first stops"])
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    def test_fault_at_stop(self) -> None:
        """A part that fails to stop keeps none of the others from it."""
        self.add("first")
        self.add("second", stops=fail(ZeroDivisionError()))
        self.whole.startService()
        self.successResultOf(self.whole.stopService())
        self.assertEqual(self.notes[2:], ["second stops", "first stops"])
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    def test_version(self) -> None:
        """The log begins with what it is."""
        with capturedLogs() as events:
            self.whole.startService()
        self.assertEqual(formatEvent(events[0]), f"devlxd {__version__}")
