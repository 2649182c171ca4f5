"""
Answers as the bytes that go out, head and body together.

It stands in for what `twisted.web.http.Request` and `HTTPChannel` write header by
header, and gives the very same bytes.  A test compares them, so that a new Twisted
which writes others does not go unnoticed.
"""

from __future__ import annotations

from functools import lru_cache

from twisted.web.http import RESPONSES
from twisted.web.http_headers import Headers

from devlxd.web.replies import Answer
from devlxd.web.request import BUFFERED

_KEPT = 256  # heads, which differ by status and ETag


def written(answer: Answer, date: bytes, *, is_head: bool, closes: bool) -> bytes:
    """
    An answer to a request of HTTP/1.1.

    :param date: the present time, as ``Date`` has it.
    :param is_head: whether it was ``HEAD`` of what is answered.
    :param closes: whether the connection ends behind it.
    """
    status, headers = _around_date(answer.status, answer.headers, closes)
    body, size = answer.body, len(answer.body)
    if size > BUFFERED:
        if is_head:
            return b"%b%b%b\r\n" % (status, date, headers)
        # All in one chunk.
        return b"%b%b%bTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (
            status,
            date,
            headers,
            size,
            body,
        )
    return b"%b%b%bContent-Length: %d\r\n\r\n%b" % (
        status,
        date,
        headers,
        size,
        b"" if is_head else body,
    )


@lru_cache(_KEPT)
def _around_date(
    status: int, headers: tuple[tuple[bytes, bytes], ...], closes: bool
) -> tuple[bytes, bytes]:
    """What is in front of the date, and what is behind it."""
    # It has the names spelt, and the values rid of what could end a line.
    clean = Headers()
    if closes:
        clean.setRawHeaders(b"Connection", [b"close"])
    for name, value in headers:
        clean.setRawHeaders(name, [value])
    lines = [
        b"%b: %b\r\n" % (name, value)
        for name, values in clean.getAllRawHeaders()
        for value in values
    ]
    line = b"HTTP/1.1 %d %b\r\nDate: " % (status, RESPONSES[status])
    return line, b"\r\n" + b"".join(lines)
