"""
The envelopes in which the host API says everything.

``{"type": "sync", "metadata": ...}`` is an answer, ``{"type": "async", "operation":
"/1.0/operations/ID", "metadata": {"status_code": 103, "err": "", ...}}`` is the promise
of one, and ``{"type": "error", "error": "..."}`` is a refusal.  An operation has ended
when its code is 200 or more, and has failed when it is 400 or more.
"""

from __future__ import annotations

import json
from typing import Any

from attrs import frozen

from devlxd.client.documents import Malformed, mapping, text
from devlxd.client.exchange import bare_text
from devlxd.errors import BadRequest

__all__ = ["Envelope", "opened", "reason"]

ENDED = 200
FAILED = 400


@frozen
class Envelope:
    """
    An envelope.

    :ivar operation: where what it is about can be waited for; empty if it is an answer.
    """

    metadata: Any
    operation: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it is the promise of something that has not ended."""
        return bool(self.operation) and self._code < ENDED

    def check(self) -> None:
        """
        :raises BadRequest: when it is about something that has failed.
        """
        if self.operation and self._code >= FAILED:
            raise BadRequest(str(self.metadata.get("err") or "The operation failed"))

    @property
    def _code(self) -> int:
        return int(self.metadata["status_code"])


def opened(document: object, operation: str = "") -> Envelope:
    """
    An envelope.

    :param operation: where the operation is that this must be about.
    :raises Malformed: when it is none.
    """
    told = mapping(document)
    if "metadata" not in told:
        raise Malformed("metadata was due")
    if text(told.get("type")) == "async":
        operation = text(told.get("operation"))
    if operation and type(mapping(told["metadata"]).get("status_code")) is not int:
        raise Malformed("a status_code was due")
    return Envelope(told["metadata"], operation)


def reason(body: bytes) -> str:
    """What a refusal says, or the body if it is in no envelope."""
    try:
        return text(mapping(json.loads(body)).get("error"))
    except (ValueError, RecursionError):
        return bare_text(body)
