"""What a server has sent, taken apart by the rules of RFC 9112."""

from __future__ import annotations

import re

from attrs import frozen

_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5]\d\d) ([ -~]+)")
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+): ([\t -~\x80-\xff]*)")
_CHUNK = re.compile(rb"([0-9a-f]+)\r\n")


class Malformed(AssertionError):
    """No sequence of responses."""


@frozen
class Response:
    """
    One response.

    :ivar line: its status line.
    :ivar headers: by name in lower case.
    :ivar coding: how the end of the body is told: by ``length``, ``chunked``, by
        ``close``, or ``none`` for a response that has no body.
    """

    line: bytes
    status: int
    headers: dict[str, str]
    body: bytes
    coding: str


def parsed(content: bytes, closed: bool = True) -> list[Response]:
    """
    All responses in a row.  Where a body is missing because the request was a ``HEAD``,
    the next response follows: bodies in these tests do not begin like one.

    :param closed: whether the connection was closed behind them.
    :raises Malformed: when that is not what it is.
    """
    responses: list[Response] = []
    while content:
        response, content = _first(content, closed)
        responses.append(response)
    return responses


def _first(content: bytes, closed: bool) -> tuple[Response, bytes]:
    head, end, rest = content.partition(b"\r\n\r\n")
    line, *lines = head.split(b"\r\n")
    status = _STATUS.fullmatch(line)
    if not end or status is None:
        raise Malformed(f"no head: {content[:200]!r}")
    headers = _headers(lines)
    body, coding, rest = _body(int(status[1]), headers, rest, closed)
    return Response(line, int(status[1]), headers, body, coding), rest


def _headers(lines: list[bytes]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in lines:
        match = _HEADER.fullmatch(line)
        if match is None:
            raise Malformed(f"no header: {line!r}")
        name = match[1].decode().lower()
        if name in headers:
            raise Malformed(f"a header that came before: {line!r}")
        headers[name] = match[2].decode("latin-1")
    return headers


def _body(
    status: int, headers: dict[str, str], rest: bytes, closed: bool
) -> tuple[bytes, str, bytes]:
    """The body, how its end was told, and what is behind it."""
    if status < 200 or rest.startswith(b"HTTP/1.") or not (rest or closed):
        return b"", "none", rest
    if "content-length" in headers:
        length = int(headers["content-length"])
        if rest and len(rest) < length:
            raise Malformed(f"{len(rest)} bytes instead of {length}")
        return rest[:length], "length", rest[length:]
    if "transfer-encoding" in headers:
        body, rest = _unchunked(rest)
        return body, "chunked", rest
    if not closed:
        raise Malformed("a body whose end is not told")
    return rest, "close", b""


def _unchunked(rest: bytes) -> tuple[bytes, bytes]:
    body = b""
    while True:
        match = _CHUNK.match(rest)
        if match is None:
            raise Malformed(f"no chunk: {rest[:50]!r}")
        size, start = int(match[1], 16), match.end()
        body += rest[start : start + size]
        if rest[start + size : start + size + 2] != b"\r\n":
            raise Malformed(f"a chunk without an end: {rest[:50]!r}")
        rest = rest[start + size + 2 :]
        if not size:
            return body, rest
