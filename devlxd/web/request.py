"""Requests, as the surfaces want them."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from twisted.python.failure import Failure
from twisted.web import server
from twisted.web.http import parse_qs
from twisted.web.iweb import IRequest

from devlxd.errors import Refusal, TooLarge
from devlxd.web.interfaces import ISink
from devlxd.web.replies import Answer

if TYPE_CHECKING:
    from devlxd.web.channel import Channel

# Go's net/http gives a length to what fits its buffer, and sends the rest in chunks.
BUFFERED = 2048

_PHRASES = {416: b"Requested Range Not Satisfiable"}


def begun(request: IRequest, answer: Answer) -> bytes:
    """Set the head of an answer; its body, to be written."""
    request.setResponseCode(answer.status)
    for name, value in answer.headers:
        request.setHeader(name, value)
    if len(answer.body) <= BUFFERED:
        request.setHeader(b"Content-Length", b"%d" % len(answer.body))
    return answer.body


class Request(server.Request):
    """
    A request whose path is left encoded, whose cookies and forms are not read, and
    whose answers name neither their server nor its faults.
    """

    channel: Channel
    content: BytesIO
    sink: ISink | None = None
    args: dict[bytes, list[bytes]]
    defaultContentType = None

    def parseCookies(self) -> None:
        """Nobody here asks for cookies."""

    def gotLength(self, length: int | None) -> None:
        """Most bodies are small, and kept in memory."""
        self.content = BytesIO()

    def handleContentChunk(self, data: bytes) -> None:
        """Add to the body, unless it grows too large."""
        if self.sink is not None:
            self.channel.pass_on(self.sink, data)
        elif self.content.tell() + len(data) > self.channel.bounds.body:
            self.channel.refuse(TooLarge())
        else:
            self.content.write(data)

    def setResponseCode(self, code: int, message: bytes | None = None) -> None:
        """Answer with a status, in Go's words where Twisted has others."""
        super().setResponseCode(code, message or _PHRASES.get(code))

    def getRequestHostname(self) -> bytes:
        """Of no consequence, whatever the ``Host`` header says (Klein asks for it)."""
        return b"devlxd"

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        """Answer.  A body is left to its route, whatever its content type claims."""
        self.content.seek(0)
        self.head_received(command, path, version)
        self.process()

    def head_received(self, command: bytes, path: bytes, version: bytes) -> None:
        """Take note of what is asked for."""
        self.method, self.uri, self.clientproto = command, path, version
        self.path, _, query = path.partition(b"?")
        self.args = parse_qs(query, True)

    def take_sink(self) -> ISink | None:
        """
        Where the body went, if it is not in ``content``.  Whoever takes it has to see
        it through.
        """
        sink, self.sink = self.sink, None
        return sink

    def drop_sink(self) -> None:
        """Give the body up, unless somebody has taken it."""
        if (sink := self.take_sink()) is not None:
            sink.abort()

    def process(self) -> None:
        """Have the surface answer."""
        self.site = self.channel.site
        self.prepath, self.postpath = [], []
        self.setHeader(b"Date", self.site.date())
        if not self.channel.persistent and self.clientproto == b"HTTP/1.1":
            self.setHeader(b"Connection", b"close")
        try:
            self._rendered(self.site.resource.render(self))
        except Exception:
            self.processingFailed(Failure())

    def processingFailed(self, reason: Failure) -> Failure:
        """Log a fault and tell the caller nothing about it."""
        self._log.failure("A request could not be answered", reason)
        self._rendered(begun(self, self.channel.site.dialect.failure(Refusal())))
        return reason

    def _rendered(self, body: Any) -> None:
        if body is not server.NOT_DONE_YET:
            self.write(body)
            self.finish()
