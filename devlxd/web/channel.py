"""
One connection of HTTP/1.1, from accept to close.

Of `twisted.web.http.HTTPChannel` it overrides ``requestDone`` (the next request has its
turn) and the producer's methods (no answer is begun while its peer reads none), beside
what `devlxd.web.parser` does.  It reads ``_buffer``, ``_waitingForTransport`` and
``_networkProducer``.  The timer that HTTPChannel winds up again for every line is
replaced by `Channel.deadline`, which the site looks at a few times a second.
"""

from __future__ import annotations

from functools import partial
from math import inf
from typing import TYPE_CHECKING, Any

from twisted.internet.interfaces import IHalfCloseableProtocol, IProtocol
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from devlxd.errors import BadRequest, Refusal, TooLarge
from devlxd.web import early, shortcut
from devlxd.web.handover import Connection
from devlxd.web.interfaces import IDoor, ISink
from devlxd.web.parser import BAD_BODY, Parser
from devlxd.web.phase import IN_BODY, READING, Phase, allowed_time
from devlxd.web.replies import Answer
from devlxd.web.transport import Transport

if TYPE_CHECKING:
    from devlxd.web.sending import Sender
    from devlxd.web.shortcut import Errand
    from devlxd.web.site import Site

_READ_SIZE = 4096
"""How much a transport reads for us at once, and so about the most of a turn."""
_STREAM_SIZE = 64 * 1024
"""
The same for a body that somebody takes as it comes and for another protocol, of which a
transport also keeps so much before it is to pause.
"""


@implementer(IHalfCloseableProtocol)
class Channel(Parser):
    """
    A connection, from accept to close.

    :ivar door: which meets the peer.
    :ivar visitor: what the door said about who is at the other end.
    :ivar deadline: until when the peer may take what it takes.
    :ivar errand: what was asked last, for `devlxd.web.shortcut`.
    """

    site: Site
    door: IDoor
    transport: Any
    visitor: object = None
    deadline = inf
    errand: Errand | None = None

    _other: Any = None
    _sender: Sender

    def connectionMade(self) -> None:
        """Let the peer in, or tell it why not."""
        self.MAX_LENGTH = self.bounds.head
        # Lines and chunks of a byte or two cost much more than their size says.
        self.transport.bufferSize = _READ_SIZE
        super().connectionMade()
        self.enter(Phase.HEAD)
        try:
            self.site.enter(self)
        except Refusal as refusal:
            self.refuse(refusal)

    def makeConnection(self, transport: Any) -> None:
        """Begin, with what has come already."""
        super().makeConnection(transport)
        if isinstance(transport, Transport):
            transport.begin()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Forget the peer, and what it has asked."""
        self._phase = Phase.CLOSED
        self.site.leave(self)
        self._drop_sinks()
        if self._other is not None:
            self._other.connectionLost(reason)
        super().connectionLost(reason)

    def hand_over(self, protocol: IProtocol) -> None:
        """
        Give the connection to another protocol, in the place of an answer.

        What the peer has sent beyond its request is not given to it.
        """
        self._other = protocol
        self.enter(Phase.OTHER)
        self.transport.bufferSize = _STREAM_SIZE
        # It is not asked again, and what it was asked is not kept.
        self.errand = None
        self.clearLineBuffer()
        protocol.makeConnection(Connection(self))

    def expire(self) -> None:
        """End the connection: the peer has had its time."""
        if self._phase is Phase.CLOSED:
            self.transport.abortConnection()
        elif self._phase in IN_BODY:
            self.refuse(BadRequest(BAD_BODY + "i/o timeout"))
        elif self._phase is Phase.ANSWER:
            self._sender.expire()
        else:
            self.loseConnection()

    def await_reading(self, sender: Sender) -> None:
        """A long answer is being sent: the peer has some time to take more of it."""
        self._sender = sender
        self.deadline = self.site.seconds() + self.bounds.idle_time

    def end(self) -> None:
        """End the connection as soon as nothing is being answered on it."""
        self.persistent = False
        if self._phase in (Phase.IDLE, Phase.HEAD, Phase.OTHER, Phase.SINK):
            self.loseConnection()

    def pass_on(self, sink: ISink, data: bytes) -> None:
        """Give a part of a body to its sink, and read on as soon as it takes more."""
        try:
            full = sink.write(data)
        except Refusal as refusal:
            self.refuse(refusal)
            return
        self.enter(Phase.SINK)
        if full is not None:
            self.deadline = inf
            self._networkProducer.pauseProducing()
            full.addCallback(self._read_on)

    def refuse(self, refusal: Refusal) -> None:
        """Answer to a request that has not come to its end, and close."""
        self.end_with(self.site.dialect.failure(refusal))

    def refuse_head(self, answer: bytes) -> None:
        """Give the last answer, and close."""
        if self._phase is not Phase.CLOSED:
            self.transport.write(answer)
            self.loseConnection()

    def end_with(self, answer: Answer) -> None:
        """Give the last answer, and close."""
        self.refuse_head(early.last_answer(answer, self.site.date()))

    def go_on(self, closes: bool) -> None:
        """Wait for the next request, or close, now that one was answered at once."""
        # As enter does it, which takes longer.
        self._phase = Phase.IDLE
        self.deadline = self.site.seconds() + self.bounds.idle_time
        if closes:
            self.persistent = False
            self.loseConnection()

    def enter(self, phase: Phase) -> None:
        """Wait for something else, for as long as that may take."""
        self._phase = phase
        self.deadline = self.site.seconds() + allowed_time(phase, self.bounds)

    def await_body(self) -> bool:
        """Wait for the rest of a request, unless it is refused for its head."""
        request = self.requests[-1]
        try:
            request.sink = self._sink_for(request)
        except Refusal as refusal:
            self.refuse(refusal)
            return False
        if request.sink is not None:
            self.transport.bufferSize = _STREAM_SIZE
            self.enter(Phase.SINK)
        elif self.length is not None and self.length > self.bounds.body:
            self.refuse(TooLarge())
            return False
        else:
            # The time goes on: the body has what the head has left of it.
            self._phase = Phase.BODY
        return True

    # Twisted's hooks

    def dataReceived(self, data: bytes) -> None:
        """Read on."""
        if self._phase is Phase.OTHER:
            self._other.dataReceived(data)
            return
        if self._awaits_head() and shortcut.answered(self, data):
            return
        if self._phase in READING and self.site.turns.is_over(self.visitor):
            self._buffer += data
            self._wait()
            return
        self.site.turns.work(self.visitor, partial(super().dataReceived, data))
        if self._phase is Phase.IDLE and self._buffer and not self.paused:
            # The first line of a head has begun.
            self.enter(Phase.HEAD)

    def requestDone(self, request: Any) -> None:
        """Go on to the next request, at its turn if it is there already."""
        request.drop_sink()
        self.transport.bufferSize = _READ_SIZE
        self.enter(Phase.IDLE)
        over = self.site.turns.is_over(self.visitor)
        self.paused = self.paused or over
        super().requestDone(request)
        if self._waitingForTransport:
            # HTTPChannel.pauseProducing spares this while there is an answer to give.
            self._networkProducer.pauseProducing()
        elif over:
            self._go_on()

    def loseConnection(self) -> None:
        """Close, as soon as the peer has what was written."""
        if self._phase is not Phase.CLOSED:
            self.enter(Phase.CLOSED)
            self._drop_sinks()
            super().loseConnection()

    def pauseProducing(self) -> None:
        """The peer reads slower than we write: begin no further answer."""
        self.paused = True
        super().pauseProducing()

    def resumeProducing(self) -> None:
        """The peer has read."""
        self.paused = False
        super().resumeProducing()
        if self._phase is not Phase.OTHER:
            self.dataReceived(b"")

    def readConnectionLost(self) -> None:
        """
        The peer sends no more, but may still read, as ``nc -N`` and socat do.

        A transport tells this again whenever it is to read on, so that requests which
        are waiting are answered first.
        """
        if self._phase is Phase.OTHER:
            self._other.readConnectionLost()
        elif self._phase in IN_BODY:
            self.refuse(BadRequest(BAD_BODY + "unexpected EOF"))
        elif self._phase is Phase.HEAD and (self._head_size or self._buffer):
            self.refuse_head(early.BAD_HEAD)
        elif self._phase is not Phase.ANSWER:
            self.loseConnection()

    def writeConnectionLost(self) -> None:
        """We never close this side alone."""

    def _sink_for(self, request: Any) -> ISink | None:
        if self.length == 0:
            return None
        request.head_received(self._command, self._path, self._version)
        return self.site.sink_for(request)

    def _read_on(self, _: object) -> None:
        if self._phase is Phase.SINK:
            self.enter(Phase.SINK)
        self._networkProducer.resumeProducing()

    def _drop_sinks(self) -> None:
        for request in self.requests:
            request.drop_sink()

    def _awaits_head(self) -> bool:
        """Whether the next byte is the first of a request, and is to be read."""
        return (
            (self._phase is Phase.IDLE or self._phase is Phase.HEAD)
            and not self._head_size
            and not self._buffer
            and not self.paused
        )

    def _go_on(self) -> None:
        """Wait with the next request if there is one; a peer may send hundreds."""
        if self._buffer and self._phase is Phase.IDLE:
            self._wait()
        else:
            self.paused = False

    def _wait(self) -> None:
        """Do nothing until the visitor's next turn, and have nothing read."""
        self.paused = True
        self._networkProducer.pauseProducing()
        self.site.turns.wait(self.visitor, self._take_turn)

    def _take_turn(self) -> None:
        # It may have been closed meanwhile, or have to wait for its peer, too.
        if self._phase in READING and not self._waitingForTransport:
            self.resumeProducing()
