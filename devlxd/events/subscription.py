"""
One subscriber.

What it is slow to read waits here, in order and within a bound, and nowhere else; the
subscriber that exceeds it is let go.  It may come back and ask for what it missed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable
from itertools import combinations

from attrs import Factory, define, field, frozen
from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IPushProducer
from twisted.logger import Logger
from zope.interface import implementer

from devlxd.events import wire
from devlxd.events.hub import Hub
from devlxd.events.sink import Backlog, ISink
from devlxd.interfaces import IJournal, IListener
from devlxd.model.event import Event, EventType, Page, Record
from devlxd.model.names import InstanceName

TOO_SLOW = "too slow: events were not read in time"
OVER = "there is nothing more to hear"
BROKEN = "the journal cannot be read"

LATEST = "latest"
"""Begin to number events, after telling the number of the latest one."""

_PAGE = 100  # events that are read from the journal at a time


def _always(_: Event) -> bool:
    return True


@frozen
class Past:
    """
    What was before somebody began to listen.

    :ivar name: whose events are read.
    :ivar since: the number of the event after which to begin, or `LATEST`.
    """

    journal: IJournal
    name: InstanceName
    since: int | str


_TYPES = frozenset(kind.value for kind in EventType)
_CHOICES = {
    choice: choice
    for count in range(len(_TYPES) + 1)
    for choice in map(frozenset, combinations(sorted(_TYPES), count))
}


def _known(types: frozenset[str]) -> frozenset[str]:
    """
    Those of the types that there are.

    All who ask for the same share one set: for each event it is looked at for each
    listener, and thousands of them would not stay in the processor's cache.
    """
    return _CHOICES[types & _TYPES]


@frozen
class Wish:
    """
    What a subscriber asks for.

    :ivar key: the hub's key of the events.
    :ivar types: of which types; unknown ones match nothing.
    :ivar past: ``None`` for what happens from now on, without numbers.
    :ivar tells: whether an event of these types is to be told.
    """

    key: Hashable
    types: frozenset[str] = field(converter=_known)
    past: Past | None = None
    tells: Callable[[Event], bool] = _always


@frozen
class Source:
    """
    Where events come from.

    :ivar backlog: how much may wait for one subscriber.
    :ivar now: the time in nanoseconds since 1970.
    """

    hub: Hub
    backlog: Backlog
    now: Callable[[], int]


@implementer(IListener, IPushProducer)
@define(eq=False)
class Subscription:
    """
    Gives events to a sink, as fast as its connection takes them.

    :ivar encoder: gives events the form that the sink writes.
    """

    _log = Logger()

    _source: Source
    _wish: Wish
    _encoder: wire.Encoder
    _types: frozenset[str] = field(init=False)
    _tells: Callable[[Event], bool] = field(init=False)
    _sink: ISink | None = field(init=False, default=None)
    _write: Callable[[bytes], None] = field(init=False)
    # Whether an event goes to the sink at once: nothing waits before it.
    _flows: bool = field(init=False, default=False)
    _unregister: Callable[[], None] = field(init=False, default=lambda: None)
    _queue: deque[bytes] = field(init=False, default=Factory(deque))
    _size: int = field(init=False, default=0)
    _paused: bool = field(init=False, default=False)
    _cursor: int = field(init=False, default=0)
    _replaying: bool = field(init=False, default=False)
    _news: bool = field(init=False, default=False)
    _drained: Deferred[None] | None = field(init=False, default=None)

    def __attrs_post_init__(self) -> None:
        self._types, self._tells = self._wish.types, self._wish.tells

    def open(self, sink: ISink) -> None:
        """Begin: the sink takes events from now on."""
        self._sink, self._write, self._flows = sink, sink.writer(), not self._paused
        self._unregister = self._source.hub.register(self._wish.key, self)
        past = self._wish.past
        if past is None:
            return
        if isinstance(past.since, int):
            Deferred.fromCoroutine(self._replay(past, past.since))
        else:
            self._cursor = past.journal.last(past.name)
            self._put_own(wire.latest(self._cursor, self._source.now()))

    def hear(self, record: Record) -> None:
        """Give an event on, or have it wait, in the journal while that is read."""
        if self._replaying:
            self._news = True
        elif record.seq > self._cursor:
            self._give(record)

    def end(self) -> None:
        """There is nothing more to hear."""
        self._close(OVER)

    async def _replay(self, past: Past, since: int) -> None:
        """Give what the journal has, until there is no more in it than was given."""
        self._cursor, self._replaying = since, True
        try:
            await self._catch_up(past)
        except Exception:
            self._log.failure("The journal cannot be read")
            self._close(BROKEN)
        self._replaying = False

    async def _catch_up(self, past: Past) -> None:
        def read(since: int) -> Deferred[Page]:
            return past.journal.read(past.name, since, _PAGE)

        while self._sink is not None:
            self._news = False
            since, page = self._cursor, await read(self._cursor)
            if since > page.last:
                # A number of another journal: all that this one has is news.
                page = await read(0)
            if page.misses(since):
                oldest = page.records[0].seq if page.records else page.last + 1
                self._put_own(wire.gap(since, oldest, self._source.now()))
                self._cursor = oldest - 1
            for record in page.records:
                self._give(record)
                await self._taken()
            if self._cursor >= page.last and not self._news:
                return

    def pauseProducing(self) -> None:
        """The connection takes nothing more for now."""
        self._paused, self._flows = True, False

    def resumeProducing(self) -> None:
        """The connection takes more."""
        self._paused = False
        while self._queue and not self._paused and self._sink is not None:
            event = self._queue.popleft()
            self._size -= len(event)
            self._write(event)
        if not self._paused:
            self._flows = self._sink is not None
            self._go_on()

    def stopProducing(self) -> None:
        """The connection is lost: keep nothing for it."""
        self._unregister()
        self._sink, self._flows = None, False
        self._queue.clear()
        self._go_on()

    def _give(self, record: Record) -> None:
        self._cursor = record.seq
        if record.event.type in self._types and self._tells(record.event):
            event = self._encoder(record)
            # As _put does it, for what is done most often.
            if self._flows:
                self._write(event)
            else:
                self._put(event)

    def _put_own(self, line: bytes) -> None:
        self._put(self._encoder.wrap(line))

    def _put(self, event: bytes) -> None:
        if self._flows:
            self._write(event)
        elif self._sink is None:
            return
        elif (
            len(self._queue) < self._source.backlog.count
            and self._size + len(event) <= self._source.backlog.size
        ):
            self._queue.append(event)
            self._size += len(event)
        else:
            self._close(TOO_SLOW)

    def _close(self, reason: str) -> None:
        sink = self._sink
        self.stopProducing()
        if sink is not None:
            sink.close(reason)

    def _taken(self) -> Deferred[None]:
        """Fires when the connection takes more."""
        if not self._paused or self._sink is None:
            return succeed(None)
        self._drained = Deferred()
        return self._drained

    def _go_on(self) -> None:
        drained, self._drained = self._drained, None
        if drained is not None:
            drained.callback(None)
