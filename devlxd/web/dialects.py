"""The forms of answers."""

from __future__ import annotations

from attrs import frozen
from zope.interface import implementer

from devlxd.errors import Refusal
from devlxd.web.interfaces import IDialect
from devlxd.web.replies import JSON, Answer, Reply

_TYPE = b"Content-Type"
_JSON = ((_TYPE, b"application/json"),)
_RAW = ((_TYPE, b"application/octet-stream"),)
_TEXT = (
    (_TYPE, b"text/plain; charset=utf-8"),
    (b"X-Content-Type-Options", b"nosniff"),
)


@implementer(IDialect)
@frozen
class Plain:
    """The guest's: bare documents and bytes, and refusals as a line of text."""

    def success(self, reply: Reply) -> Answer:
        """The bytes as they are."""
        if isinstance(reply, JSON):
            return Answer(200, _JSON, reply.encoded)
        return Answer(200, _RAW, reply.content)

    def failure(self, refusal: Refusal) -> Answer:
        """The text of the refusal and a newline."""
        text = refusal.text.encode(errors="replace") + b"\n"
        return Answer(refusal.status, _TEXT + refusal.headers, text)
