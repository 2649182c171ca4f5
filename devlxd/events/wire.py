"""
Events as bytes: one line of JSON each, as LXD writes it.

An event is ``{"type": "config", "timestamp": "2026-11-24T06:29:44.519361032Z",
"metadata": {"key": "user.foo", "old_value": "bar", "value": "baz"}}``, without the
spaces.  Characters that HTML gives a meaning are escaped, as Go does unless told
otherwise.  What operators are told has ``"location"`` and ``"project"``, too.  Who
asked for numbers gets a last key, ``"seq"``.

Two kinds of message are our own, and sent to those alone who asked for numbers.
``gap`` says that the events after ``since`` and before ``oldest`` are lost; ``latest``
has the number of the latest event, which what follows comes after.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from attrs import define, field

from devlxd.jsonline import dump
from devlxd.model.event import Record

_SECOND = 10**9


def rfc3339(nanoseconds: int) -> str:
    """A time since 1970 in UTC, as Go shows it: with up to nine digits of a second."""
    seconds, fraction = divmod(nanoseconds, _SECOND)
    day = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    digits = f"{fraction:09}".rstrip("0")
    return f"{day}.{digits}Z" if digits else f"{day}Z"


def _as_it_is(line: bytes) -> bytes:
    return line


@define(eq=False)
class Encoder:
    """
    Encodes each event once, however many listeners it has.

    They are all told of an event in one go, so that the last one is all there is to
    remember.

    :ivar wrap: what a line is on the wire.
    """

    numbered: bool
    wrap: Callable[[bytes], bytes] = _as_it_is
    _last: Record | None = field(init=False, default=None)
    _bytes: bytes = field(init=False, default=b"")

    def __call__(self, record: Record) -> bytes:
        """An event on the wire."""
        if record is not self._last:
            line = dump(self._document(record), html=True)
            self._last, self._bytes = record, self.wrap(line)
        return self._bytes

    def _document(self, record: Record) -> dict[str, Any]:
        document: dict[str, Any] = {
            "type": record.event.type.value,
            "timestamp": rfc3339(record.timestamp),
            "metadata": dict(record.event.metadata),
        }
        where = {"location": record.event.location, "project": record.event.project}
        document.update((key, value) for key, value in where.items() if value)
        if self.numbered:
            document["seq"] = record.seq
        return document


def gap(since: int, oldest: int, now: int) -> bytes:
    """The message that the events between two numbers are lost."""
    metadata = {"oldest": oldest, "since": since}
    return _own("gap", now, metadata, oldest - 1)


def latest(seq: int, now: int) -> bytes:
    """The message that an event was the latest."""
    return _own("latest", now, {}, seq)


def _own(kind: str, now: int, metadata: dict[str, int], seq: int) -> bytes:
    return dump(
        {"type": kind, "timestamp": rfc3339(now), "metadata": metadata, "seq": seq}
    )
