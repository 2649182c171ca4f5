"""
What happens to an instance, as values, and as the lines in which a service tells it.

An event is ``{"type": "config", "timestamp": "2026-11-24T06:29:44.519361032Z",
"metadata": {"key": "user.foo", "old_value": "bar", "value": "baz"}}``, and the object
of a service that keeps events has a ``"seq"``, too.  Such a service has two messages of
its own: ``latest``, whose ``"seq"`` is the number of the latest event, and ``gap``,
whose metadata says which are lost: those after ``since`` and before ``oldest``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeAlias

from attrs import frozen

from devlxd.client.documents import Malformed, mapping, text

__all__ = ["TYPES", "Event", "Gap", "Latest", "Message", "Told", "document", "message"]

TYPES = ("config", "device")
"""All types of events that there are today."""


@frozen
class Event:
    """
    One thing that happened.

    :ivar type: ``config`` or ``device``; newer services may have others.
    :ivar timestamp: when, to the nanosecond, as the service wrote it (RFC 3339).
    :ivar metadata: for ``config``: ``key``, ``old_value`` and ``value``, a missing
        value being empty.  For ``device``: ``action`` (``added``, ``removed``,
        ``updated``), ``config`` and ``name``.
    :ivar seq: its number among the events of the instance; ``None`` from a service
        that keeps none, such as LXD.
    """

    type: str
    timestamp: str
    metadata: Mapping[str, Any]
    seq: int | None = None

    @property
    def time(self) -> datetime:
        """When, to the microsecond that Python knows."""
        return datetime.fromisoformat(self.timestamp)


@frozen
class Gap:
    """
    Events are missing here.

    :ivar since: the number after which they are missing, if there was one.
    :ivar oldest: the number of the first that is there again; ``None`` when nobody
        knows whether there were any, since the service keeps none.
    """

    since: int | None
    oldest: int | None

    @property
    def seq(self) -> int | None:
        """The number of the last missing event, after which the service goes on."""
        return None if self.oldest is None else self.oldest - 1


@frozen
class Latest:
    """
    A service begins to number events.

    :ivar seq: the number of the latest one.
    """

    seq: int


Told: TypeAlias = Event | Gap
"""What a reader of events is told."""

Message: TypeAlias = Event | Gap | Latest
"""What a service says in a line."""


def message(line: bytes) -> Message:
    """
    What a line says.

    :raises ValueError: when it is not what the API says.
    """
    told = mapping(json.loads(line.decode("utf-8", "surrogateescape")))
    kind, metadata = text(told.get("type")), mapping(told.get("metadata"))
    if "seq" not in told:
        return Event(kind, text(told.get("timestamp")), metadata)
    if kind == "latest":
        return Latest(_number(told["seq"]))
    if kind == "gap":
        return Gap(_number(metadata.get("since")), _number(metadata.get("oldest")))
    return Event(kind, text(told.get("timestamp")), metadata, _number(told["seq"]))


def document(told: Told) -> dict[str, object]:
    """What one is told, as a service says it, though a gap without its time."""
    if isinstance(told, Gap):
        metadata = {"oldest": told.oldest, "since": told.since}
        return {"type": "gap", "metadata": metadata, "seq": told.seq}
    whole: dict[str, object] = {
        "type": told.type,
        "timestamp": told.timestamp,
        "metadata": told.metadata,
    }
    return whole if told.seq is None else {**whole, "seq": told.seq}


def _number(value: object) -> int:
    # To Python, true is a number.
    if type(value) is not int:
        raise Malformed("a number was due")
    return value
