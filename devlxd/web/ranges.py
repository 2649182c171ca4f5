"""
Which part of a file a ``Range`` header asks for (RFC 9110, 14), as Go's ``net/http``
reads it.
"""

from __future__ import annotations

import re

from attrs import frozen

__all__ = ["BadRange", "NoOverlap", "Span", "spans"]

_UNIT = "bytes="
_RANGE = re.compile(r"[ \t]*(\d{0,18})[ \t]*-[ \t]*(\d{0,18})[ \t]*", re.ASCII)
_MOST = 100
"""How many ranges are worth a part each.  Go has no such bound."""


class BadRange(ValueError):
    """What no range looks like; the text is Go's."""

    def __init__(self, text: str = "invalid range") -> None:
        super().__init__(text)


class NoOverlap(BadRange):
    """All ranges are beyond the end."""

    def __init__(self) -> None:
        super().__init__("invalid range: failed to overlap")


@frozen
class Span:
    """Bytes of a file that follow each other."""

    start: int
    length: int

    def of(self, size: int) -> bytes:
        """As ``Content-Range`` says it of a file of *size* bytes."""
        return b"bytes %d-%d/%d" % (self.start, self.start + self.length - 1, size)


def spans(header: str, size: int) -> tuple[Span, ...]:
    """
    What is asked of a file of *size* bytes, in the order in which it is asked for;
    nothing when that is the whole file.

    :raises BadRange: when it cannot be read.
    :raises NoOverlap: when nothing of it is there.
    """
    if not header.startswith(_UNIT):
        raise BadRange
    texts = [text for text in header.removeprefix(_UNIT).split(",") if text.strip()]
    asked = [_span(text, size) for text in texts]
    found = tuple(span for span in asked if span is not None)
    if asked and not found and size:
        raise NoOverlap
    if len(found) > _MOST or sum(span.length for span in found) > size:
        # It would cost more than the file itself.
        return ()
    return found


def _span(text: str, size: int) -> Span | None:
    match = _RANGE.fullmatch(text)
    if match is None or match[1] == match[2] == "":
        raise BadRange
    first, last = match.groups()
    if first == "":
        length = min(int(last), size)
        # To Go, the last 0 bytes are there, and it tells an end before their start.
        return Span(size - length, length) if length else None
    start, end = int(first), int(last or size)
    if last and end < start:
        raise BadRange
    return Span(start, min(end, size - 1) - start + 1) if start < size else None
