"""A subscriber that is slow, and what becomes of its events."""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable

from attrs import define, field
from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IPushProducer
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer
from zope.interface.verify import verifyObject

from devlxd.events.hub import Hub
from devlxd.events.sink import Backlog, ISink
from devlxd.events.subscription import (
    LATEST,
    OVER,
    TOO_SLOW,
    Past,
    Source,
    Subscription,
    Wish,
)
from devlxd.events.wire import Encoder
from devlxd.interfaces import IJournal, IListener
from devlxd.model.change import Change
from devlxd.model.event import Event, EventType, Page, Record
from devlxd.model.expansion import Expanded
from devlxd.model.instance import Instance
from devlxd.model.names import InstanceName

C1 = InstanceName("default", "c1")
STATE = Expanded(Instance(C1))
BOTH = frozenset({"config", "device"})


def record(seq: int, size: int = 0) -> Record:
    """An event that takes some bytes."""
    return Record(seq, 0, Event(EventType.CONFIG, {"value": "x" * size}))


@implementer(ISink)
@define(eq=False)
class Pipe:
    """
    A sink that takes so many lines and then asks for a pause.

    :ivar room: how many lines it still takes.
    """

    room: int = 10**9
    producer: Subscription | None = None
    lines: list[bytes] = field(factory=list)
    reasons: list[str] = field(factory=list)

    def writer(self) -> Callable[[bytes], None]:
        """What takes a line."""
        return self.send

    def send(self, line: bytes) -> None:
        """Take a line."""
        self.lines.append(line)
        self.room -= 1
        if self.room == 0 and self.producer is not None:
            self.producer.pauseProducing()

    def close(self, reason: str) -> None:
        """Note the reason."""
        self.reasons.append(reason)

    def seqs(self) -> list[int]:
        """The numbers of what was taken."""
        return [json.loads(line)["seq"] for line in self.lines]

    def take(self, room: int) -> None:
        """Take some more."""
        assert self.producer is not None
        self.room = room
        self.producer.resumeProducing()


@implementer(IJournal)
@define(eq=False)
class Shelf:
    """
    A journal that can be slow.

    :ivar waiting: readings that are under way, if it is.
    """

    records: list[Record] = field(factory=list)
    slow: bool = False
    waiting: list[tuple[Deferred[Page], Page]] = field(factory=list)

    def last(self, name: InstanceName) -> int:
        """The number of the latest one."""
        return self.records[-1].seq if self.records else 0

    def read(self, name: InstanceName, since: int, limit: int) -> Deferred[Page]:
        """A page, now or later."""
        after = [record for record in self.records if record.seq > since]
        page = Page(tuple(after[:limit]), self.last(name))
        if not self.slow:
            return succeed(page)
        self.waiting.append((Deferred(), page))
        return self.waiting[-1][0]

    def deliver(self) -> None:
        """End the first reading."""
        reading, page = self.waiting.pop(0)
        reading.callback(page)


class SubscriptionCase(SynchronousTestCase):
    """A hub, a journal and a subscriber."""

    def setUp(self) -> None:
        """Nothing has happened yet."""
        self.hub, self.shelf = Hub(), Shelf()
        verifyObject(IJournal, self.shelf)

    def subscribe(
        self, since: int | str | None = None, room: int = 10**9, count: int = 3
    ) -> Pipe:
        """A subscriber with a small backlog."""
        source = Source(self.hub, Backlog(count, 1000), lambda: 0)
        past = None if since is None else Past(self.shelf, C1, since)
        wish = Wish(C1, BOTH, past)
        subscription = Subscription(source, wish, Encoder(numbered=True))
        verifyObject(IListener, subscription)
        verifyObject(IPushProducer, subscription)
        pipe = Pipe(room, subscription)
        verifyObject(ISink, pipe)
        subscription.open(pipe)
        return pipe

    def happen(self, *records: Record) -> None:
        """Let events happen, kept and announced."""
        self.shelf.records += records
        self.hub.announce(Change(C1, STATE, STATE, records))


class BacklogTests(SubscriptionCase):
    """What waits."""

    def test_order(self) -> None:
        """What waited goes first, also when the connection pauses again meanwhile."""
        pipe = self.subscribe(room=1)
        self.happen(record(1), record(2), record(3), record(4))
        self.assertEqual(pipe.seqs(), [1])
        pipe.take(2)
        self.happen(record(5))
        self.assertEqual(pipe.seqs(), [1, 2, 3])
        pipe.take(99)
        self.happen(record(6))
        self.assertEqual(pipe.seqs(), [1, 2, 3, 4, 5, 6])
        self.assertEqual(pipe.reasons, [])

    def test_count(self) -> None:
        """One too many ends it, and it hears no more."""
        pipe = self.subscribe(room=1)
        self.happen(*map(record, range(1, 5)))
        self.assertEqual(pipe.reasons, [])
        self.happen(record(5), record(6))
        self.assertEqual(pipe.reasons, [TOO_SLOW])
        self.assertEqual(self.hub.listeners(C1), 0)
        pipe.take(99)
        self.assertEqual(pipe.seqs(), [1])

    def test_size(self) -> None:
        """So do too many bytes; what was taken counts no more."""
        pipe = self.subscribe(room=1)
        self.happen(record(1), record(2, size=800))
        pipe.take(1)
        self.happen(record(3, size=800))
        self.assertEqual(pipe.reasons, [])
        self.happen(record(4, size=800))
        self.assertEqual(pipe.reasons, [TOO_SLOW])

    def test_lost(self) -> None:
        """A connection that is lost leaves nothing behind."""
        pipe = self.subscribe(room=1)
        self.happen(record(1), record(2))
        assert pipe.producer is not None
        pipe.producer.stopProducing()
        self.happen(record(3))
        self.assertEqual(self.hub.listeners(C1), 0)
        pipe.take(99)
        self.assertEqual((pipe.seqs(), pipe.reasons), ([1], []))

    def test_end(self) -> None:
        """When the instance goes it is closed, once."""
        pipe = self.subscribe()
        assert pipe.producer is not None
        self.hub.end(C1)
        pipe.producer.end()
        self.assertEqual(pipe.reasons, [OVER])

    def test_latest(self) -> None:
        """What is announced again after it was told as the latest is not told twice."""
        self.happen(record(1), record(2))
        pipe = self.subscribe(since=LATEST)
        self.hub.announce(Change(C1, STATE, STATE, (record(2), record(3))))
        self.assertEqual(pipe.seqs(), [2, 3])
        self.assertIn(b"latest", pipe.lines[0])


class ReplayTests(SubscriptionCase):
    """The journal, read at the pace of the connection."""

    def test_pace(self) -> None:
        """No more is read from the journal than the connection takes."""
        self.shelf.records = [*map(record, range(1, 251))]
        pipe = self.subscribe(since=0, room=10)
        self.assertEqual(pipe.seqs(), [*range(1, 11)])
        for _ in range(24):
            pipe.take(10)
        self.assertEqual(pipe.seqs(), [*range(1, 251)])
        self.happen(record(251))
        self.assertEqual(pipe.seqs()[-1:], [250])
        pipe.take(1)
        self.assertEqual(pipe.seqs()[-1:], [251])
        self.assertEqual(pipe.reasons, [])

    def test_meanwhile(self) -> None:
        """What happens while the journal is read comes once, and in its place."""
        self.happen(record(1))
        self.shelf.slow = True
        pipe = self.subscribe(since=0)
        self.happen(record(2), record(3))
        self.shelf.deliver()
        self.assertEqual(pipe.seqs(), [1])
        self.happen(record(4))
        self.shelf.deliver()
        self.assertEqual(pipe.seqs(), [1, 2, 3])
        self.shelf.deliver()
        self.happen(record(5))
        self.assertEqual(pipe.seqs(), [1, 2, 3, 4, 5])
        self.assertEqual(self.shelf.waiting, [])

    def test_much_meanwhile(self) -> None:
        """However much happens meanwhile, it waits in the journal and nowhere else."""
        self.shelf.slow = True
        pipe = self.subscribe(since=0)
        self.happen(*map(record, range(1, 501)))
        self.shelf.slow = False
        self.shelf.deliver()
        self.happen(record(501))
        self.assertEqual(pipe.seqs(), [*range(1, 502)])
        self.assertEqual(pipe.reasons, [])

    def test_lost(self) -> None:
        """A connection that is lost while the journal is read is let go."""
        self.shelf.records = [*map(record, range(1, 251))]
        paused = self.subscribe(since=0, room=10)
        assert paused.producer is not None
        paused.producer.stopProducing()
        self.shelf.slow = True
        reading = self.subscribe(since=0)
        assert reading.producer is not None
        reading.producer.stopProducing()
        self.shelf.deliver()
        self.assertEqual(len(paused.lines), 10)
        self.assertEqual(reading.lines, [])
        self.assertEqual(self.hub.listeners(C1), 0)


@implementer(IListener)
class Deaf:
    """Hears nothing."""

    def hear(self, record: Record) -> None:
        """Fail: nothing is to be heard."""
        raise AssertionError

    def end(self) -> None:
        """Fail, too."""
        raise AssertionError


class CostTests(SubscriptionCase):
    """What a publication costs."""

    def test_others(self) -> None:
        """An event costs the same whatever else is listened to."""
        self.subscribe()
        self.happen(record(1))
        alone = self._calls(record(2))
        for number in range(10_000):
            self.hub.register(InstanceName("default", f"x{number}"), Deaf())
        self.assertEqual(self._calls(record(3)), alone)

    def _calls(self, what: Record) -> int:
        """How many functions are called to announce an event."""
        calls = 0

        def count(*_: object) -> None:
            nonlocal calls
            calls += 1

        change = Change(C1, STATE, STATE, (what,))
        # What the collector of garbage calls is nobody's cost.
        gc.disable()
        sys.setprofile(count)
        try:
            self.hub.announce(change)
        finally:
            sys.setprofile(None)
            gc.enable()
        return calls
