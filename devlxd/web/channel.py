"""
One connection of HTTP/1.1: Twisted's parser within our bounds, with Go's manners.

It overrides these of `twisted.web.http.HTTPChannel`, which a new Twisted may change:
``_respondToBadRequestAndDisconnect`` (a bare 400), ``lineReceived`` and
``lineLengthExceeded`` (bounds of the head), ``allHeadersReceived`` and
``allContentReceived`` (what to wait for next), ``requestDone``, and the producer's
methods (no answer is begun while its peer reads none).  The timer that HTTPChannel
winds up again for every line is replaced by `Channel.check`, which the site calls a
few times a second for all connections.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from math import inf
from typing import TYPE_CHECKING, Any

from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from twisted.web.http import HTTPChannel
from zope.interface import implementer

from devlxd.errors import BadRequest, Refusal, TooLarge
from devlxd.web.bounds import Bounds
from devlxd.web.early import as_bytes, refused_head
from devlxd.web.replies import Answer

if TYPE_CHECKING:
    from devlxd.web.site import Site

_OTHER_VERSION = re.compile(rb"\S+ \S+ HTTP/([02-9]|\d\d+)\.\d+")
_HOST = re.compile(rb"[!-~\x80-\xff]*")


class Phase(Enum):
    """What a connection waits for."""

    HEAD = auto()  # the rest of a head; from the connection on for the first one
    BODY = auto()
    ANSWER = auto()  # of our own
    IDLE = auto()  # the peer's next request
    CLOSED = auto()  # the peer, to take the last bytes


@implementer(IHalfCloseableProtocol)
class Channel(HTTPChannel):
    """
    A connection, from accept to close.

    :ivar visitor: what the door said about who is at the other end.
    """

    site: Site
    bounds: Bounds
    transport: Any
    visitor: object = None

    _phase = Phase.HEAD
    _since = 0.0
    _head_size = 0

    # Our own bound of the head goes before Twisted's two, and its number of headers
    # has no bound of its own, as in Go.
    MAX_LENGTH = 1 << 20
    totalHeadersSize = 1 << 20
    maxHeaders = 1 << 20

    def connectionMade(self) -> None:
        """Let the peer in, or tell it why not."""
        self.MAX_LENGTH = self.bounds.head
        super().connectionMade()
        self._enter(Phase.HEAD)
        try:
            self.site.enter(self)
        except Refusal as refusal:
            self._refuse(self.site.dialect.failure(refusal))

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Forget the peer."""
        self.site.leave(self)
        super().connectionLost(reason)

    def check(self, now: float) -> None:
        """End the connection if the peer has had its time."""
        if now - self._since <= self._allowed_time():
            return
        if self._phase is Phase.CLOSED:
            self.transport.abortConnection()
        elif self._phase is Phase.BODY:
            self._refuse_body(BadRequest("Invalid request body: i/o timeout"))
        else:
            self.loseConnection()

    def end(self) -> None:
        """End the connection as soon as nothing is being answered on it."""
        self.persistent = False
        if self._phase in (Phase.IDLE, Phase.HEAD):
            self.loseConnection()

    def refuse_body(self) -> None:
        """Answer to a body that is larger than the bound."""
        self._refuse_body(TooLarge())

    # Twisted's hooks

    def dataReceived(self, data: bytes) -> None:
        """Read on, unless nothing that comes can matter any more."""
        if self._phase is Phase.CLOSED:
            return
        if self._phase is Phase.IDLE:
            self._enter(Phase.HEAD)
        super().dataReceived(data)

    def lineReceived(self, line: bytes) -> None:
        """Take a line of the head."""
        if not self._head_size and _OTHER_VERSION.fullmatch(line):
            self._refuse(refused_head(505, "unsupported protocol version"))
            return
        self._head_size += len(line) + len(self.delimiter)
        if self._head_size > self.bounds.head:
            self._refuse(refused_head(431))
        else:
            super().lineReceived(line)

    def lineLengthExceeded(self, line: bytes) -> None:
        """A line without an end."""
        self._refuse(refused_head(431))

    def allHeadersReceived(self) -> None:
        """The head is there: look at what HTTP/1.1 demands of it."""
        hosts = self.requests[-1].requestHeaders.getRawHeaders(b"Host", [])
        if self._version == b"HTTP/1.1" and not hosts:
            self._refuse(refused_head(400, "missing required Host header"))
        elif len(hosts) > 1:
            self._refuse(refused_head(400, "too many Host headers"))
        elif hosts and _HOST.fullmatch(hosts[0]) is None:
            self._refuse(refused_head(400, "malformed Host header"))
        elif self.length is not None and self.length > self.bounds.body:
            self.refuse_body()
        else:
            self._enter(Phase.BODY, self._since)
            super().allHeadersReceived()

    def allContentReceived(self) -> None:
        """The request is there: answer it."""
        if self._phase is Phase.CLOSED:
            return
        self._head_size = 0
        self._enter(Phase.ANSWER)
        super().allContentReceived()

    def requestDone(self, request: Any) -> None:
        """A request was answered: go on to the next."""
        self._enter(Phase.IDLE)
        super().requestDone(request)

    def loseConnection(self) -> None:
        """Close, as soon as the peer has what was written."""
        self._enter(Phase.CLOSED)
        super().loseConnection()

    def pauseProducing(self) -> None:
        """The peer reads slower than we write: begin no further answer."""
        self.paused = True
        super().pauseProducing()

    def resumeProducing(self) -> None:
        """The peer has read."""
        self.paused = False
        super().resumeProducing()
        if self._phase is not Phase.ANSWER:
            self.dataReceived(b"")

    def readConnectionLost(self) -> None:
        """The peer sends no more, but may still read, as ``nc -N`` and socat do."""
        if self._phase is Phase.BODY:
            self._refuse_body(BadRequest("Invalid request body: unexpected EOF"))
        elif self._phase is Phase.HEAD and self._head_size:
            self._refuse(refused_head(400))
        else:
            self.end()

    def writeConnectionLost(self) -> None:
        """We never close this side alone."""

    def _allowed_time(self) -> float:
        if self._phase is Phase.IDLE:
            return self.bounds.idle_time
        if self._phase is Phase.CLOSED:
            return self.bounds.close_time
        return inf if self._phase is Phase.ANSWER else self.bounds.head_time

    def _respondToBadRequestAndDisconnect(self) -> None:
        self._refuse(refused_head(400))

    def _refuse_body(self, refusal: Refusal) -> None:
        self._refuse(self.site.dialect.failure(refusal))

    def _refuse(self, answer: Answer) -> None:
        if self._phase is not Phase.CLOSED:
            self.transport.write(as_bytes(answer))
            # Ends the loop of LineReceiver that may be around this call.
            self.paused = True
            self.loseConnection()

    def _enter(self, phase: Phase, since: float | None = None) -> None:
        self._phase = phase
        self._since = self.site.seconds() if since is None else since
