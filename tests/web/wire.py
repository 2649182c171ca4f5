"""Connections in memory that behave as those of a reactor do."""

from __future__ import annotations

from typing import Any

from attrs import define, field
from twisted.internet.address import UNIXAddress
from twisted.internet.error import ConnectionAborted, ConnectionDone, ConnectionLost
from twisted.internet.interfaces import (
    IConsumer,
    IHalfCloseableProtocol,
    IPushProducer,
    ITransport,
)
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from zope.interface import implementer

from tests.web.responses import Response, parsed

READ_SIZE = 64 * 1024
"""How much a transport reads at once, and writes before it pauses its producer."""


@implementer(ITransport, IConsumer, IPushProducer)
@define(eq=False)
class Wire:
    """
    A transport, and the client at its other end.

    As in a reactor, nothing is read, written or closed while the protocol runs.

    :ivar bufferSize: how much is read at once; a protocol may change it.
    :ivar reads: whether the client takes what it is sent.
    :ivar end: why the connection ended, if it has.
    :ivar written: what the protocol has written, taken or not.
    """

    clock: Clock
    protocol: Any = None
    bufferSize: int = READ_SIZE
    reads: bool = True
    received: bytes = b""
    written: int = 0
    end: type[Exception] | None = None
    disconnecting: bool = False

    _incoming: bytes = b""
    _outgoing: bytes = b""
    _half_closed: bool = False
    _reading: bool = True
    _aborting: bool = False
    _producer: Any = None
    _pulls: bool = False
    _producer_paused: bool = False
    _address: UNIXAddress = field(factory=lambda: UNIXAddress(None))

    # The client

    def send(self, data: bytes) -> None:
        """Send bytes, and let things take their course."""
        self._incoming += data
        self.go_on()

    def send_no_more(self) -> None:
        """Shut this direction down, as ``shutdown(SHUT_WR)`` does."""
        self._half_closed = True
        self.go_on()

    def vanish(self) -> None:
        """Reset the connection."""
        self._over(ConnectionLost)

    def read_on(self) -> None:
        """Take what there is, and what comes."""
        self.reads = True
        self.go_on()

    def read_some(self) -> None:
        """Take what there is, and nothing more."""
        self.reads = True
        self._write()
        self.reads = False

    def wait(self, seconds: float) -> None:
        """Do nothing for some time."""
        while seconds > 0:
            self.clock.advance(min(seconds, 0.25))
            seconds -= 0.25
            self.go_on()

    @property
    def unread(self) -> int:
        """How many bytes that were sent nobody has read."""
        return len(self._incoming)

    def ask(self, request: bytes) -> Response:
        """The only answer to a request that is sent."""
        before = len(self.received)
        self.send(request)
        [response] = parsed(self.received[before:], self.end is not None)
        return response

    def responses(self) -> list[Response]:
        """All that came, taken apart."""
        return parsed(self.received, self.end is not None)

    # The reactor

    def go_on(self) -> None:
        """What a reactor does until there is nothing more to do."""
        while self.end is None and (self._write() or self._read() or self._call()):
            pass

    def _call(self) -> bool:
        now = self.clock.seconds()
        due = any(each.getTime() <= now for each in self.clock.getDelayedCalls())
        if due:
            self.clock.advance(0)
        return due

    def _write(self) -> bool:
        if self._aborting:
            self._over(ConnectionAborted)
        elif self.reads and self._outgoing:
            self.received, self._outgoing = self.received + self._outgoing, b""
            if (self._producer_paused or self._pulls) and self._producer is not None:
                self._producer_paused = False
                self._producer.resumeProducing()
        elif self.disconnecting and not self._outgoing and self._producer is None:
            self._over(ConnectionDone)
        else:
            return False
        return True

    def _read(self) -> bool:
        if not self._reading:
            return False
        size = self.bufferSize
        data, self._incoming = self._incoming[:size], self._incoming[size:]
        if data:
            self.protocol.dataReceived(data)
        elif self._half_closed:
            # A reactor tells this again whenever reading is resumed.
            self._reading = False
            IHalfCloseableProtocol(self.protocol).readConnectionLost()
        else:
            return False
        return True

    def _over(self, reason: type[Exception]) -> None:
        if self.end is None:
            self.end, self._reading = reason, False
            if self._producer is not None:
                self._producer.stopProducing()
            self.protocol.connectionLost(Failure(reason()))

    # The transport

    def write(self, data: bytes) -> None:
        """Take bytes; too many hold the producer."""
        if self.end is not None:
            return
        self.written += len(data)
        self._outgoing += data
        is_full = len(self._outgoing) > READ_SIZE
        if is_full and self._producer is not None and not self._pulls:
            self._producer_paused = True
            self._producer.pauseProducing()

    def writeSequence(self, iovec: Any) -> None:
        """Take a list of bytes."""
        self.write(b"".join(iovec))

    def loseConnection(self) -> None:
        """Close when all is written."""
        self.disconnecting, self._reading = True, False

    def abortConnection(self) -> None:
        """Close now."""
        self._aborting = True

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """Take what is to be held and let go, or to be asked for more each time."""
        self._producer, self._pulls = producer, not streaming
        if self._pulls:
            producer.resumeProducing()

    def unregisterProducer(self) -> None:
        """Hold nothing any more."""
        self._producer, self._pulls = None, False

    def pauseProducing(self) -> None:
        """Stop to read."""
        self._reading = False

    def resumeProducing(self) -> None:
        """Read on."""
        self._reading = not self.disconnecting

    def stopProducing(self) -> None:
        """Close."""
        self.loseConnection()

    def getPeer(self) -> UNIXAddress:
        """An address without a name."""
        return self._address

    def getHost(self) -> UNIXAddress:
        """An address without a name."""
        return self._address
