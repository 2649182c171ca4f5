"""The hub tells those who listen, in order, and nobody else."""

from __future__ import annotations

from attrs import define, field
from twisted.internet.defer import CancelledError, Deferred
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer
from zope.interface.verify import verifyObject

from devlxd.events.hub import Hub
from devlxd.interfaces import IListener
from devlxd.model.change import Change
from devlxd.model.event import Event, EventType, Record
from devlxd.model.expansion import Expanded
from devlxd.model.instance import Instance
from devlxd.model.names import InstanceName

C1 = InstanceName("default", "c1")
C2 = InstanceName("default", "c2")


def record(seq: int) -> Record:
    """An event with a number."""
    return Record(seq, 0, Event(EventType.CONFIG, {}))


def change(name: InstanceName, *seqs: int) -> Change:
    """A change with these events."""
    state = Expanded(Instance(name))
    return Change(name, state, state, tuple(map(record, seqs)))


@implementer(IListener)
@define(eq=False)
class Recorder:
    """
    Writes down what it hears.

    :ivar broken: whether it fails at that.
    """

    heard: list[object] = field(factory=list)
    broken: bool = False

    def hear(self, record: Record) -> None:
        """Write down the number."""
        self.heard.append(record.seq)
        if self.broken:
            raise ZeroDivisionError

    def end(self) -> None:
        """Write down that it is over."""
        self.heard.append("end")
        if self.broken:
            raise ZeroDivisionError


class HubTests(SynchronousTestCase):
    """`Hub` fans out."""

    def setUp(self) -> None:
        """A hub that nobody listens to."""
        self.hub = Hub()

    def _listener(self, name: InstanceName, broken: bool = False) -> Recorder:
        listener = Recorder(broken=broken)
        verifyObject(IListener, listener)
        self.hub.register(name, listener)
        return listener

    def test_by_instance(self) -> None:
        """All listeners of an instance hear its events, in order, and no others do."""
        one, two, other = (self._listener(name) for name in (C1, C1, C2))
        self.hub.announce(change(C1, 1, 2))
        self.hub.announce(change(C1, 3))
        self.assertEqual([one.heard, two.heard, other.heard], [[1, 2, 3]] * 2 + [[]])

    def test_nobody(self) -> None:
        """An event that nobody listens to harms nobody."""
        self.hub.announce(change(C1, 1))

    def test_unregister(self) -> None:
        """Who has unregistered hears nothing more, and leaves nothing behind."""
        listener = Recorder()
        unregister = self.hub.register(C1, listener)
        self.hub.announce(change(C1, 1))
        unregister()
        unregister()
        self.hub.announce(change(C1, 2))
        self.assertEqual(listener.heard, [1])
        self.assertEqual(self.hub.listeners(C1), 0)

    def test_twice(self) -> None:
        """Who has registered twice hears twice, until each has ended."""
        listener = Recorder()
        unregister = self.hub.register(C1, listener)
        self.hub.register(C1, listener)
        self.hub.announce(change(C1, 1))
        unregister()
        self.hub.announce(change(C1, 2))
        self.assertEqual(listener.heard, [1, 1, 2])

    def test_broken(self) -> None:
        """A listener that fails is logged, and disturbs nobody, itself included."""
        broken, sound = self._listener(C1, broken=True), self._listener(C1)
        self.hub.announce(change(C1, 1, 2))
        self.assertEqual(broken.heard, [1, 2])
        self.assertEqual(sound.heard, [1, 2])
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 2)

    def test_leaving_meanwhile(self) -> None:
        """A listener that another one takes away is not told any more."""

        @implementer(IListener)
        class Bouncer(Recorder):
            def hear(self, record: Record) -> None:
                unregister()

        self.hub.register(C1, Bouncer())
        victim = Recorder()
        unregister = self.hub.register(C1, victim)
        self.hub.announce(change(C1, 1))
        self.assertEqual(victim.heard, [])

    def test_end(self) -> None:
        """When an instance goes, its listeners are told after its last events."""
        one, other = self._listener(C1), self._listener(C2)
        self.hub.announce(Change(C1, Expanded(Instance(C1)), None, (record(7),)))
        self.assertEqual(one.heard, [7, "end"])
        self.assertEqual(other.heard, [])

    def test_broken_end(self) -> None:
        """A listener that fails at that disturbs nobody, either."""
        self._listener(C1, broken=True)
        sound = self._listener(C1)
        self.hub.end(C1)
        self.assertEqual(sound.heard, ["end"])
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)


class NextTests(SynchronousTestCase):
    """Waiting for one event."""

    def setUp(self) -> None:
        """Somebody waits."""
        self.hub = Hub()
        self.next: Deferred[Record] = self.hub.next(C1)

    def test_next(self) -> None:
        """It fires with the next event, and waits for no other."""
        self.hub.announce(change(C2, 1))
        self.assertNoResult(self.next)
        self.hub.announce(change(C1, 5, 6))
        self.assertEqual(self.successResultOf(self.next).seq, 5)
        self.assertEqual(self.hub.listeners(C1), 0)

    def test_cancelled(self) -> None:
        """Who waits no longer leaves nothing behind."""
        self.next.cancel()
        self.failureResultOf(self.next, CancelledError)
        self.assertEqual(self.hub.listeners(C1), 0)
        self.hub.announce(change(C1, 1))

    def test_end(self) -> None:
        """When the instance goes there is nothing to wait for."""
        self.hub.end(C1)
        self.failureResultOf(self.next, CancelledError)
        self.assertEqual(self.hub.listeners(C1), 0)
