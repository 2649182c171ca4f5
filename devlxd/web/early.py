"""
Answers after which the connection ends, written without a request that asks for them.

To a head that is no head, Go's net/http says next to nothing: no ``Date``, no length,
no newline behind the text.  A body that does not come, or is too large, is a fault of
the request, and answered like any other.
"""

from __future__ import annotations

from twisted.web.http import RESPONSES

from devlxd.web.replies import Answer


def _refused(reason: str, text: str | None = None) -> bytes:
    """The whole answer to a head; its status line and its text are mostly the same."""
    return (
        f"HTTP/1.1 {reason}\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        "Connection: close\r\n"
        f"\r\n{reason if text is None else text}"
    ).encode()


BAD_HEAD = _refused("400 Bad Request")
BAD_NAME = _refused("400 Bad Request: invalid header name")
BAD_VALUE = _refused("400 Bad Request: invalid header value")
BAD_HOST = _refused("400 Bad Request: malformed Host header")
LARGE_HEAD = _refused("431 Request Header Fields Too Large")
NO_HOST = _refused("400 Bad Request: missing required Host header")
OTHER_CODING = _refused("501 Not Implemented", "Unsupported transfer encoding")
OTHER_EXPECTATION = Answer(417, (), b"")
OTHER_VERSION = _refused("505 HTTP Version Not Supported: unsupported protocol version")


def last_answer(answer: Answer, date: bytes) -> bytes:
    """
    A whole answer.

    :param date: the present time, as ``Date`` has it.
    """
    lines = [b"HTTP/1.1 %d %b" % (answer.status, RESPONSES[answer.status])]
    lines += [name + b": " + value for name, value in answer.headers]
    lines += [b"Date: " + date, b"Content-Length: %d" % len(answer.body)]
    return b"\r\n".join([*lines, b"Connection: close", b"", answer.body])
