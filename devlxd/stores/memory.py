"""A store's data in memory: gone with the process."""

from __future__ import annotations

from collections import deque

from attrs import Factory, define, field
from zope.interface import implementer

from devlxd.model.event import Page, Record
from devlxd.model.names import InstanceName
from devlxd.stores.backend import KEPT, Contents, Edits, IBackend


@implementer(IBackend)
@define(eq=False)
class Memory:
    """
    Keeps nothing but the events, since the store itself holds all else in memory.

    :ivar keep: how many events of each instance.
    """

    contents: Contents = field(factory=Contents)
    keep: int = KEPT
    _records: dict[InstanceName, deque[Record]] = field(
        init=False, default=Factory(dict)
    )
    _last: dict[InstanceName, int] = field(init=False, default=Factory(dict))

    def load(self) -> Contents:
        return self.contents

    def write(self, edits: Edits) -> None:
        for name in edits.forgotten:
            self._records.pop(name, None)
        for name, records in edits.records.items():
            self._records.setdefault(name, deque(maxlen=self.keep)).extend(records)
        self._last.update(edits.last)

    def read(self, name: InstanceName, since: int, limit: int) -> Page:
        kept = self._records.get(name, ())
        after = [record for record in kept if record.seq > since]
        return Page(tuple(after[:limit]), self._last.get(name, 0))

    def close(self) -> None:
        pass
