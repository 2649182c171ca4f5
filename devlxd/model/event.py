"""What guests and operators are told of: events."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from attrs import frozen


class EventType(StrEnum):
    """The kinds of event by LXD's words: guests are told the first two."""

    CONFIG = "config"
    DEVICE = "device"
    LIFECYCLE = "lifecycle"
    OPERATION = "operation"
    LOGGING = "logging"


@frozen
class Event:
    """
    One thing that happened.

    :ivar metadata: for `EventType.CONFIG`: ``key``, ``old_value`` and ``value``, a
        missing value being empty.  For `EventType.DEVICE`: ``action`` (``added``,
        ``removed``, ``updated``), ``config`` (of the removed device: as it was) and
        ``name``.  In alphabetical order, as Go writes maps.
    :ivar location: where it happened; guests are not told.
    :ivar project: what it is about; guests are not told.
    """

    type: EventType
    metadata: Mapping[str, Any]
    location: str = ""
    project: str = ""


@frozen
class Record:
    """
    An event as it is kept.

    :ivar seq: its number among the events of its instance, or among those of operators:
        from 1, without holes.
    :ivar timestamp: when it happened, in nanoseconds since 1970 (UTC).
    """

    seq: int
    timestamp: int
    event: Event


@frozen
class Page:
    """
    Some events of an instance, out of its journal.

    :ivar records: the oldest of those that were asked for, in order; large ones come
        few at a time.
    :ivar last: the number of the latest event that there has been; 0 when none.
    """

    records: tuple[Record, ...]
    last: int

    def misses(self, since: int) -> bool:
        """Whether events after *since* are not kept any more, or never were."""
        if self.records:
            return self.records[0].seq != since + 1
        return self.last != since
