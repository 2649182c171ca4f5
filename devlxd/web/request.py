"""Requests, as the surfaces want them."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from twisted.python.failure import Failure
from twisted.web import server
from twisted.web.http import datetimeToString

from devlxd.errors import Refusal

if TYPE_CHECKING:
    from devlxd.web.channel import Channel


class Request(server.Request):
    """
    A request whose path is left encoded, whose cookies and forms are not read, and
    whose answers name neither their server nor its faults.
    """

    channel: Channel
    content: BytesIO
    defaultContentType = None

    def parseCookies(self) -> None:
        """Nobody here asks for cookies."""

    def gotLength(self, length: int | None) -> None:
        """Bodies are small, and kept in memory."""
        self.content = BytesIO()

    def handleContentChunk(self, data: bytes) -> None:
        """Add to the body, unless it grows too large."""
        if self.content.tell() + len(data) > self.channel.bounds.body:
            self.channel.refuse_body()
        else:
            self.content.write(data)

    def getRequestHostname(self) -> bytes:
        """Of no consequence, whatever the ``Host`` header says (Klein asks for it)."""
        return b"devlxd"

    def process(self) -> None:
        """Have the surface answer."""
        self.site = self.channel.site
        self.setHeader(b"Date", datetimeToString())
        self.prepath, self.postpath = [], []
        try:
            self.render(self.site.resource)
        except Exception:
            self.processingFailed(Failure())

    def processingFailed(self, reason: Failure) -> Failure:
        """Log a fault and tell the caller nothing about it."""
        self._log.failure("A request could not be answered", reason)
        answer: Any = self.channel.site.dialect.failure(Refusal())
        self.setResponseCode(answer.status)
        for name, value in answer.headers:
            self.setHeader(name, value)
        self.write(answer.body)
        self.finish()
        return reason
