"""
One subscriber.

What it is slow to read waits here, in order and within a bound, and nowhere else; the
subscriber that exceeds it is let go.  It may come back and ask for what it missed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from attrs import Factory, define, field
from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

from devlxd.events import wire
from devlxd.events.sink import Backlog, ISink
from devlxd.interfaces import IJournal, IListener
from devlxd.model.event import Record
from devlxd.model.names import InstanceName

TOO_SLOW = "too slow: events were not read in time"
OVER = "there is nothing more to hear"

_PAGE = 100  # events that are read from the journal at a time


@implementer(IListener, IPushProducer)
@define(eq=False)
class Subscription:
    """
    Gives events to a sink, as fast as its connection takes them.

    :ivar wanted: the types that are asked for.
    :ivar render: the wire form of an event.
    :ivar backlog: how much may wait.
    :ivar now: the time in nanoseconds since 1970.
    """

    _wanted: frozenset[str]
    _render: Callable[[Record], bytes]
    _backlog: Backlog
    _now: Callable[[], int]
    _sink: ISink | None = field(init=False, default=None)
    _queue: deque[bytes] = field(init=False, default=Factory(deque))
    _size: int = field(init=False, default=0)
    _paused: bool = field(init=False, default=False)
    _cursor: int = field(init=False, default=0)
    _later: list[Record] | None = field(init=False, default=None)
    _drained: Deferred[None] | None = field(init=False, default=None)

    def open(self, sink: ISink) -> None:
        """Begin: the sink takes events from now on."""
        self._sink = sink

    def hear(self, record: Record) -> None:
        """Give an event on, or have it wait."""
        if self._later is not None:
            self._later.append(record)
            if len(self._later) > self._backlog.count:
                self._close(TOO_SLOW)
        elif record.seq > self._cursor:
            self._give(record)

    def end(self) -> None:
        """There is nothing more to hear."""
        self._close(OVER)

    async def replay(self, journal: IJournal, name: InstanceName, since: int) -> None:
        """
        Give what the journal has after *since*, and then what was heard meanwhile.

        When some of it is not kept any more, that is said first.
        """
        self._later = []
        self._cursor = since
        while self._sink is not None:
            page = await journal.read(name, self._cursor, _PAGE)
            if page.misses(self._cursor):
                oldest = page.records[0].seq if page.records else page.last + 1
                self._put(wire.gap(self._cursor, oldest, self._now()))
                self._cursor = oldest - 1
            for record in page.records:
                self._give(record)
                await self._read()
            if self._cursor >= page.last:
                break
        later, self._later = self._later, None
        for record in later:
            self.hear(record)

    def follow(self, journal: IJournal, name: InstanceName) -> None:
        """Say which event was the latest, for who wants to ask for what follows it."""
        self._cursor = journal.last(name)
        self._put(wire.latest(self._cursor, self._now()))

    def pauseProducing(self) -> None:
        """The connection takes nothing more for now."""
        self._paused = True

    def resumeProducing(self) -> None:
        """The connection takes more."""
        self._paused = False
        while self._queue and not self._paused and self._sink is not None:
            line = self._queue.popleft()
            self._size -= len(line)
            self._sink.send(line)
        if not self._paused:
            self._go_on()

    def stopProducing(self) -> None:
        """The connection is lost: keep nothing for it."""
        self._sink = None
        self._queue.clear()
        self._go_on()

    def _give(self, record: Record) -> None:
        self._cursor = record.seq
        if record.event.type.value in self._wanted:
            self._put(self._render(record))

    def _put(self, line: bytes) -> None:
        if self._sink is None:
            return
        if not self._paused and not self._queue:
            self._sink.send(line)
        elif (
            len(self._queue) < self._backlog.count
            and self._size + len(line) <= self._backlog.size
        ):
            self._queue.append(line)
            self._size += len(line)
        else:
            self._close(TOO_SLOW)

    def _close(self, reason: str) -> None:
        sink = self._sink
        self.stopProducing()
        if sink is not None:
            sink.close(reason)

    def _read(self) -> Deferred[None]:
        """Fires when the connection takes more."""
        if not self._paused or self._sink is None:
            return succeed(None)
        self._drained = Deferred()
        return self._drained

    def _go_on(self) -> None:
        drained, self._drained = self._drained, None
        if drained is not None:
            drained.callback(None)
