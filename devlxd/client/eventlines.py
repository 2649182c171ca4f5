"""How events look to people, on 80 columns."""

from __future__ import annotations

import json
import re

from devlxd.client.escapes import printable
from devlxd.client.events import Event, Gap

__all__ = ["WIDTH", "cut", "event_line", "gap_line", "to_the_second"]

WIDTH = 80
"""Columns."""

LEAST = 12
"""Columns that a value has in any case."""

ARROW = " -> "


def to_the_second(timestamp: str) -> str:
    """A time without the parts of its second."""
    return re.sub(r"\.\d+", "", timestamp)


def cut(text: str, room: int) -> str:
    """A text that is cut where there is no room for more of it."""
    room = max(room, LEAST)
    return text if len(text) <= room else text[: room - 3] + "..."


def event_line(event: Event) -> str:
    """
    When it happened, to the second, and what.  Long values are cut.

    What is of another shape than that of today's events is shown as it is.
    """
    time = to_the_second(event.timestamp)
    match event.type, event.metadata:
        case "config", {"key": str(key), "old_value": str(old), "value": str(new)}:
            head = printable(f"{time} {key}: ")
            return head + _change(_shown(old), _shown(new), WIDTH - len(head))
        case "device", {"name": str(name), "action": str(action)}:
            return printable(f"{time} device {name} {action}")
    head = printable(f"{time} {event.type} ")
    return head + cut(json.dumps(event.metadata), WIDTH - len(head))


def gap_line(gap: Gap) -> str:
    """What is missing."""
    if gap.oldest is None:
        return "events may be missing: the service keeps none"
    first, last = (gap.since or 0) + 1, gap.oldest - 1
    if last < first:
        return "events may be missing: the service numbers them anew"
    return (
        f"event {first} is lost"
        if first == last
        else f"events {first} to {last} are lost"
    )


def _shown(value: str) -> str:
    return printable(value) or "(none)"


def _change(old: str, new: str, room: int) -> str:
    """A value and the next one: what the one leaves of the room the other may have."""
    room -= len(ARROW)
    half = room // 2
    return (
        cut(old, max(half, room - len(new)))
        + ARROW
        + cut(new, max(room - half, room - len(old)))
    )
