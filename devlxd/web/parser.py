"""
Twisted's parser of requests within our bounds, with Go's manners.

It overrides these of `twisted.web.http.HTTPChannel`, which a new Twisted may change:
``_respondToBadRequestAndDisconnect`` (a bare 400), ``_maybeChooseTransferDecoder``
(Content-Length and Transfer-Encoding), ``lineReceived`` and ``lineLengthExceeded``
(bounds of the head), ``headerReceived`` (its letters), ``allHeadersReceived`` and
``allContentReceived`` (what to wait for next), and ``checkPersistence``.  It reads
``_version``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from twisted.web.http import HTTPChannel

from devlxd.errors import BadRequest, Refusal
from devlxd.web import early
from devlxd.web.bounds import Bounds
from devlxd.web.headrules import (
    asks_to_close,
    escaped,
    is_host,
    refusal_of,
    refusal_of_first,
)
from devlxd.web.phase import IN_BODY, Phase
from devlxd.web.replies import Answer

BAD_BODY = "Invalid request body: "
"""How refusals of a body begin."""

_LONGEST_LENGTH = 18  # digits of a Content-Length; int() has a limit, too
_GO_ON = b"100-continue"


class Parser(HTTPChannel, ABC):
    """
    Reads requests, and refuses what is none.

    :ivar bounds: of a head.
    """

    bounds: Bounds

    _phase = Phase.HEAD
    _head_size = 0

    # Lines may end without a CR, as Go takes them: people type requests into nc.
    delimiter = b"\n"
    # Our own bound of the head goes before Twisted's two, and its number of headers
    # has no bound of its own, as in Go.
    totalHeadersSize = 1 << 30
    maxHeaders = 1 << 30

    @abstractmethod
    def refuse(self, refusal: Refusal) -> None:
        """Answer to a request that has not come to its end, and close."""

    @abstractmethod
    def refuse_head(self, answer: bytes) -> None:
        """Give the last answer, and close."""

    @abstractmethod
    def end_with(self, answer: Answer) -> None:
        """Give the last answer, and close."""

    @abstractmethod
    def enter(self, phase: Phase) -> None:
        """Wait for something else."""

    @abstractmethod
    def await_body(self) -> bool:
        """The head is there and sound: whether the body is waited for."""

    def lineReceived(self, line: bytes) -> None:
        """Take a line of the head."""
        if self._phase is Phase.IDLE:
            self.enter(Phase.HEAD)
        line = line.removesuffix(b"\r")
        if not self._head_size:
            refusal = refusal_of_first(line)
            if refusal is not None:
                self.refuse_head(refusal)
                return
            if not line.isascii():
                line = escaped(line)
        self._head_size += len(line) + len(b"\r\n")
        if self._head_size > self.bounds.head:
            self.refuse_head(early.LARGE_HEAD)
        else:
            super().lineReceived(line)

    def lineLengthExceeded(self, line: bytes) -> None:
        """Refuse a line without an end."""
        self.refuse_head(early.LARGE_HEAD)

    def headerReceived(self, line: bytes) -> bool:
        """Take a whole header, and look at its letters."""
        refusal = refusal_of(line)
        if refusal is None:
            return bool(super().headerReceived(line))
        self.refuse_head(refusal)
        return False

    def allHeadersReceived(self) -> None:
        """The head is there: look at what HTTP/1.1 demands of it."""
        headers = self.requests[-1].requestHeaders
        hosts = headers.getRawHeaders(b"Host", [])
        expected = headers.getRawHeaders(b"Expect", [b""])[0].lower()
        if self._version == b"HTTP/1.1" and not hosts:
            self.refuse_head(early.NO_HOST)
        elif len(hosts) > 1:
            self.refuse_head(early.BAD_HEAD)
        elif hosts and not is_host(hosts[0]):
            self.refuse_head(early.BAD_HOST)
        elif expected not in (b"", _GO_ON):
            self.end_with(early.OTHER_EXPECTATION)
        else:
            self._take_body()

    def allContentReceived(self) -> None:
        """The request is there: answer it."""
        if self._phase is not Phase.CLOSED:
            self._head_size = 0
            self.enter(Phase.ANSWER)
            super().allContentReceived()

    def checkPersistence(self, request: Any, version: bytes) -> bool:
        """Whether a next request may follow."""
        values = request.requestHeaders.getRawHeaders(b"Connection", [])
        return version == b"HTTP/1.1" and not asks_to_close(values)

    def _take_body(self) -> None:
        if self.length == 0:
            # There is nothing to go on with.
            self.requests[-1].requestHeaders.removeHeader(b"Expect")
        if self.await_body():
            super().allHeadersReceived()

    def _maybeChooseTransferDecoder(self, header: bytes, data: bytes) -> bool:
        if header == b"Transfer-Encoding":
            if self._version == b"HTTP/1.0":
                # It has none: what follows the head is not looked at.
                return True
            if data.lower() != b"chunked":
                self.refuse_head(early.OTHER_CODING)
                return False
        if header == b"Content-Length" and len(data) > _LONGEST_LENGTH:
            self.refuse_head(early.BAD_HEAD)
            return False
        return bool(super()._maybeChooseTransferDecoder(header, data))

    def _respondToBadRequestAndDisconnect(self) -> None:
        if self._phase in IN_BODY:
            self.refuse(BadRequest(BAD_BODY + "malformed chunked encoding"))
        else:
            self.refuse_head(early.BAD_HEAD)
