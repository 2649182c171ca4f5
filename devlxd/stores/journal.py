"""The events of all instances: numbered as they happen, read again later."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from attrs import Factory, define, evolve, field
from twisted.internet.defer import Deferred
from zope.interface import implementer

from devlxd.interfaces import IJournal
from devlxd.model.change import AnyChange, Change, events
from devlxd.model.event import Page, Record
from devlxd.model.names import InstanceName
from devlxd.stores.backend import Edits, IBackend, Run


@define
class Numbered:
    """
    Changes with their events in them.

    :ivar records: the new events of each instance that has some, unless they went with
        it.
    :ivar last: the number of the latest event of each instance that had some.
    :ivar forgotten: instances that were deleted on the way.
    """

    changes: list[AnyChange] = field(default=Factory(list))
    records: dict[InstanceName, tuple[Record, ...]] = field(default=Factory(dict))
    last: dict[InstanceName, int] = field(default=Factory(dict))
    forgotten: set[InstanceName] = field(default=Factory(set))

    def add(self, change: Change, records: tuple[Record, ...]) -> None:
        """Add a change whose events have got these numbers."""
        name = change.name
        self.changes.append(evolve(change, records=records) if records else change)
        if records:
            self.records[name] = self.records.get(name, ()) + records
            self.last[name] = records[-1].seq
        if change.after is None:
            self.records.pop(name, None)
            self.forgotten.add(name)

    def on(self, edits: Edits) -> Edits:
        """Edits together with these events."""
        return evolve(
            edits, records=self.records, last=self.last, forgotten=self.forgotten
        )


@define(eq=False)
class Journal:
    """
    Numbers events.

    :ivar now: the time in nanoseconds since 1970.
    """

    _now: Callable[[], int]
    _last: dict[InstanceName, int] = field(init=False, default=Factory(dict))

    def fill(self, last: Mapping[InstanceName, int]) -> None:
        """Go on after these numbers."""
        self._last = dict(last)

    def last(self, name: InstanceName) -> int:
        """The number of the latest durable event of an instance."""
        return self._last.get(name, 0)

    def number(self, changes: Iterable[AnyChange]) -> Numbered:
        """Give numbers to the events of changes that are about to become durable."""
        now = self._now()
        numbered = Numbered()
        for change in changes:
            if not isinstance(change, Change):
                # No guest is told of these.  Of a profile, those who use it have
                # changes of their own.
                numbered.changes.append(change)
                continue
            first = numbered.last.get(change.name, self.last(change.name)) + 1
            records = (Record(n, now, e) for n, e in enumerate(events(change), first))
            numbered.add(change, tuple(records))
        return numbered

    def advance(self, numbered: Numbered) -> None:
        """Take note that they have become durable."""
        self._last.update(numbered.last)


@implementer(IJournal)
@define(eq=False)
class Reader:
    """
    Reads the journal of a store.

    :ivar run: does blocking work, behind what is being written.
    """

    _journal: Journal
    _backend: IBackend
    _run: Run

    def last(self, name: InstanceName) -> int:
        return self._journal.last(name)

    def read(self, name: InstanceName, since: int, limit: int) -> Deferred[Page]:
        return self._run(lambda: self._backend.read(name, since, limit))
