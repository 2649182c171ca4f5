"""The forms of answers."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen
from zope.interface import implementer

from devlxd.errors import Refusal
from devlxd.jsonline import dump
from devlxd.web.interfaces import IDialect
from devlxd.web.replies import JSON, Accepted, Answer, Raw, Reply

_TYPE = b"Content-Type"
_JSON = ((_TYPE, b"application/json"),)
_RAW = ((_TYPE, b"application/octet-stream"),)
_NO_SNIFF = ((b"X-Content-Type-Options", b"nosniff"),)
_TEXT = ((_TYPE, b"text/plain; charset=utf-8"), *_NO_SNIFF)


@implementer(IDialect)
@frozen
class Plain:
    """
    The guest's: bare documents and bytes, and refusals as a line of text.

    :ivar words: what refusals are told with that have no text of their own, where that
        is not their default.
    """

    words: Mapping[type[Refusal], str] = field(factory=dict)

    def success(self, reply: Reply) -> Answer:
        """The bytes as they are.  There are no operations in this form."""
        if isinstance(reply, JSON):
            return Answer(200, _JSON + _etag(reply), reply.encoded)
        if isinstance(reply, Accepted):
            return Answer(200, _JSON, dump(reply.operation))
        return Answer(200, _RAW, reply.content)

    def failure(self, refusal: Refusal) -> Answer:
        """The text of the refusal and a newline."""
        said = refusal.text
        if said == refusal.default:
            said = self.words.get(type(refusal), said)
        text = said.encode(errors="replace") + b"\n"
        return Answer(refusal.status, _TEXT + refusal.headers, text)


@implementer(IDialect)
@frozen
class Envelope:
    """The operator's: every document in an envelope that says what became of it."""

    def success(self, reply: Reply) -> Answer:
        """``sync`` with the document, or ``async`` with the operation."""
        if isinstance(reply, Raw):
            return Answer(200, _RAW, reply.content)
        if isinstance(reply, Accepted):
            sealed = _sealed("async", "Operation created", 100, reply.operation)
            sealed["operation"] = reply.location
            return Answer(202, _JSON + _location(reply.location), dump(sealed))
        status = 200 if reply.location is None else 201
        sealed = _sealed("sync", "Success", 200, reply.content)
        headers = _JSON + _etag(reply) + _location(reply.location)
        return Answer(status, headers, dump(sealed))

    def failure(self, refusal: Refusal) -> Answer:
        """``error`` with the text, and LXD's two newlines."""
        sealed = _sealed("error", "", 0, None)
        sealed.update(error_code=refusal.status, error=refusal.text)
        headers = _JSON + _NO_SNIFF + refusal.headers
        return Answer(refusal.status, headers, dump(sealed) + b"\n")


def _sealed(kind: str, status: str, code: int, metadata: object) -> dict[str, object]:
    """An envelope with LXD's keys in LXD's order."""
    return {
        "type": kind,
        "status": status,
        "status_code": code,
        "operation": "",
        "error_code": 0,
        "error": "",
        "metadata": metadata,
    }


def _etag(reply: JSON) -> tuple[tuple[bytes, bytes], ...]:
    return () if reply.etag is None else ((b"ETag", f'"{reply.etag}"'.encode()),)


def _location(location: str | None) -> tuple[tuple[bytes, bytes], ...]:
    return () if location is None else ((b"Location", location.encode()),)
