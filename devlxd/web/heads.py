"""
Heads of requests that are whole, plain and without a body, understood at one glance.

It stands in for `twisted.web.http.HTTPChannel`, which goes through a head line by line.
What it does not understand is no fault: Twisted's parser is asked then, and everything
unusual is left to it, other versions, folded lines and bytes beyond ASCII among them.
So a new Twisted changes nothing in here, unless it takes less than is taken here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from attrs import frozen

from devlxd.web.headrules import asks_to_close, is_host

_LONGEST = 1024  # bytes of a head

_HEAD = re.compile(
    rb"(GET|HEAD) (/[!->@-~]*)(\?[!-~]*)? HTTP/1\.1\r\n"
    rb"((?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~]*\r\n)+)\r\n"
)
# What makes a difference here, and its value.
_HEADER = re.compile(
    rb"^(connection|content-length|expect|host|transfer-encoding)"
    rb":[\t ]*(.*?)[\t ]*\r$",
    re.IGNORECASE | re.MULTILINE,
)


@frozen(eq=False)
class Head:
    """
    The head of a request that has no body.

    :ivar data: all of it.
    :ivar query: with its question mark; ``None`` without one.
    :ivar lines: the headers.
    :ivar closes: whether the connection is to end behind the answer.
    """

    data: bytes
    method: bytes
    path: bytes
    query: bytes | None
    lines: bytes
    closes: bool

    def headers(self) -> Iterator[tuple[bytes, bytes]]:
        """Names, as they were written, and values."""
        for line in self.lines.split(b"\r\n")[:-1]:
            name, _, value = line.partition(b":")
            yield name, value.strip(b" \t")


def whole(data: bytes) -> Head | None:
    """The head that these bytes are, nothing more and nothing less; or ``None``."""
    match = _HEAD.fullmatch(data) if len(data) <= _LONGEST else None
    if match is None:
        return None
    method, path, query, lines = match.groups()
    host: bytes | None = None
    connection = []
    for name, value in _HEADER.findall(lines):
        lower = name.lower()
        if lower == b"connection":
            connection.append(value)
        elif lower == b"host" and host is None and is_host(value):
            host = value
        else:
            return None
    if host is None:
        return None
    closes = bool(connection) and asks_to_close(connection)
    return Head(data, method, path, query, lines, closes)
