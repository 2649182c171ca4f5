"""Answers as they came over the wire, made comparable."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from attrs import evolve, frozen

_TIMES = ("Date", "Last-Modified")
_BOUNDARY = re.compile(r"boundary=([0-9a-f]+)")
_SIZE = re.compile(rb"([0-9a-f]+)\r\n")

Headers = tuple[tuple[str, str], ...]


@frozen
class Answer:
    """
    One answer.

    :ivar line: its status line.
    :ivar headers: names, in their letter case, and values; sorted.
    """

    line: str
    headers: Headers
    body: bytes

    @property
    def shown(self) -> str:
        """It as people read it."""
        lines = [self.line, *(f"{name}: {value}" for name, value in self.headers)]
        return "\n".join([*lines, "", self.body.decode("utf-8", "backslashreplace")])


@frozen
class Said:
    """
    All that a server said to what a client had sent.

    :ivar closed: whether it has closed the connection.
    """

    answers: tuple[Answer, ...]
    closed: bool

    @property
    def shown(self) -> str:
        """It as people read it."""
        end = "closed" if self.closed else "open"
        return "\n".join([*(answer.shown for answer in self.answers), f"[{end}]"])


def said(content: bytes, closed: bool, head: bool = False) -> Said:
    """
    What bytes of a server mean.

    :param closed: whether the connection was closed behind them.
    :param head: whether ``HEAD`` was asked, so that there are no bodies.
    """
    return Said(tuple(_answers(content, head)), closed)


def unordered(said: Said) -> Said:
    """The same with JSON lists of texts sorted: LXD has them in random order."""
    return evolve(said, answers=tuple(map(_sorted, said.answers)))


def _sorted(answer: Answer) -> Answer:
    if not answer.body.startswith(b'["'):
        return answer
    body = json.dumps(sorted(json.loads(answer.body)))
    return evolve(answer, body=body.encode())


def _answers(content: bytes, bodiless: bool) -> Iterator[Answer]:
    while content:
        end, length = _end_of_head(content)
        line, *lines = content[:end].decode("latin-1").splitlines()
        headers = tuple(sorted(_pair(each) for each in lines))
        body, content = _body(dict(headers), content[end + length :], bodiless)
        for boundary in _BOUNDARY.findall(str(headers)):
            body = body.replace(boundary.encode(), b"BOUNDARY")
        yield Answer(line, _comparable(headers), body)


def _end_of_head(content: bytes) -> tuple[int, int]:
    for end in (b"\r\n\r\n", b"\n\n"):
        if end in content:
            return content.index(end), len(end)
    return len(content), 0


def _pair(line: str) -> tuple[str, str]:
    name, _, value = line.partition(": ")
    return name, value


def _comparable(headers: Headers) -> Headers:
    return tuple(
        (
            name,
            "PRESENT" if name in _TIMES else _BOUNDARY.sub("boundary=BOUNDARY", value),
        )
        for name, value in headers
    )


def _body(
    headers: dict[str, str], content: bytes, bodiless: bool
) -> tuple[bytes, bytes]:
    """The body of an answer, and what is behind it."""
    if bodiless:
        return b"", content
    if "Content-Length" in headers:
        size = int(headers["Content-Length"])
        return content[:size], content[size:]
    if headers.get("Transfer-Encoding") == "chunked":
        return _unchunked(content)
    return content, b""


def _unchunked(content: bytes) -> tuple[bytes, bytes]:
    body = b""
    while match := _SIZE.match(content):
        size, content = int(match[1], 16), content[match.end() :]
        body, content = body + content[:size], content[size + len(b"\r\n") :]
        if not size:
            break
    return body, content
