"""Events as they came over the wire, made comparable."""

from __future__ import annotations

import re
from collections.abc import Iterator

from attrs import frozen

_HEAD_ENDS = {"lines": b"\n\n", "websocket": b"\r\n\r\n"}
_TIMESTAMP = re.compile(
    rb'"timestamp":"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,8}[1-9])?(Z|[+-]\d\d:\d\d)"'
)
_TEXT, _PING = 0x81, 0x89  # whole frames
_LONG = 126  # a length of two bytes follows


@frozen
class Told:
    """
    What a listener has heard.

    :ivar head: what came before the first event.
    :ivar events: sorted, since LXD tells of one change in any order; each with its
        newline.
    :ivar pings: the payloads of pings.
    """

    head: bytes
    events: tuple[bytes, ...]
    pings: frozenset[bytes] = frozenset()


def told(form: str, content: bytes) -> Told:
    """What came over a connection, ``lines`` or ``websocket``."""
    head, _, rest = content.partition(_HEAD_ENDS[form])
    if form == "lines":
        return Told(head, _sorted(rest.splitlines(keepends=True)))
    frames = list(_frames(rest))
    pings = frozenset(payload for kind, payload in frames if kind == _PING)
    return Told(head, _sorted([body for kind, body in frames if kind == _TEXT]), pings)


def _sorted(events: list[bytes]) -> tuple[bytes, ...]:
    return tuple(sorted(_TIMESTAMP.sub(b'"timestamp":"NOW"', each) for each in events))


def _frames(content: bytes) -> Iterator[tuple[int, bytes]]:
    """The frames of a server (RFC 6455, 5.2), each of less than 64 KiB."""
    while content:
        kind, size, content = content[0], content[1], content[2:]
        if size == _LONG:
            size, content = int.from_bytes(content[:2], "big"), content[2:]
        yield kind, content[:size]
        content = content[size:]
