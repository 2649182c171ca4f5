"""
Answers to what is no request yet: a head that cannot be read, is too large, or a body
that does not come.

They are those of Go's net/http: no ``Date``, no length, no newline behind the text,
and the connection ends.
"""

from __future__ import annotations

from http import HTTPStatus

from devlxd.web.replies import Answer

_TYPE = ((b"Content-Type", b"text/plain; charset=utf-8"),)


def refused_head(status: int, detail: str = "") -> Answer:
    """
    The answer to a head that is refused.

    :param detail: why, for the reader; follows the status behind a colon.
    """
    text = f"{status} {_phrase(status)}" + (f": {detail}" if detail else "")
    return Answer(status, _TYPE, text.encode())


def as_bytes(answer: Answer) -> bytes:
    """A whole response, after which the connection is closed."""
    head = [f"HTTP/1.1 {answer.status} {_phrase(answer.status)}".encode()]
    head += [name + b": " + value for name, value in answer.headers]
    head += [b"Connection: close", b"", answer.body]
    return b"\r\n".join(head)


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase
