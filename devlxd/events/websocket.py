"""
Events on a WebSocket, one text message each.

The server pings at once and then every 10 seconds; a peer that leaves three pings
unanswered is dropped.  A message from the peer ends the subscription without a close
frame, as in LXD; a peer that is let go for its slowness is told so in one, which LXD
does not do.  There is no compression.

Autobahn speaks the protocol.  It is given an opening of our own making, with nothing in
it but the key, after `devlxd.events.handshake` found the real one good; and the letter
case of ``Upgrade`` in its answer is made LXD's.
"""

from __future__ import annotations

from typing import Any

from autobahn.twisted.websocket import WebSocketServerFactory, WebSocketServerProtocol
from twisted.internet.interfaces import IHalfCloseableProtocol, IReactorTime
from twisted.internet.protocol import connectionDone
from twisted.internet.task import LoopingCall
from twisted.python.failure import Failure
from zope.interface import implementer

from devlxd.events.handshake import VERSION, Handshake
from devlxd.events.sink import ISink
from devlxd.events.subscription import OVER, Subscription

PING_TIME = 10.0  # seconds
UNANSWERED = 3  # pings

_LARGEST = 64 * 1024  # bytes of a peer's frame; it has no reason to send any
_GOING_AWAY = 1001  # RFC 6455, 7.4.1
_TRY_AGAIN_LATER = 1013  # the registry that RFC 6455, 11.7 begins


class WebSockets(WebSocketServerFactory):
    """
    Makes WebSockets.

    :param clock: tells when to ping.
    :param ping: the payload of the pings.
    """

    def __init__(self, clock: IReactorTime, ping: bytes = b"") -> None:
        super().__init__(server="", reactor=clock)
        self.clock = clock
        self.ping = ping
        self.setProtocolOptions(
            openHandshakeTimeout=0,
            closeHandshakeTimeout=0,
            failByDrop=False,
            maxFramePayloadSize=_LARGEST,
            # It would bound what we send, too.  From a peer no second frame is taken.
            maxMessagePayloadSize=0,
            perMessageCompressionAccept=lambda _: None,
        )

    def protocol_for(
        self, opening: Handshake, subscription: Subscription
    ) -> EventSocket:
        """What takes over a connection whose opening is good."""
        socket = EventSocket(opening, subscription)
        socket.factory = self
        return socket


class _Silence:
    """
    Autobahn's log, which has a line for each frame that may not be: who is in an
    instance could fill the disk with them.
    """

    def debug(self, *_texts: object, **_fields: object) -> None:
        """Write nothing."""

    info = warn = error = debug


@implementer(ISink, IHalfCloseableProtocol)
class EventSocket(WebSocketServerProtocol):
    """One subscriber on a WebSocket."""

    factory: WebSockets
    transport: Any
    log = _Silence()

    def __init__(self, opening: Handshake, subscription: Subscription) -> None:
        super().__init__()
        self._opening = opening
        self._subscription = subscription
        self._unanswered = 0
        self._pings = LoopingCall(self._ping)

    def connectionMade(self) -> None:
        """Open, and begin."""
        super().connectionMade()
        self.dataReceived(
            b"GET / HTTP/1.1\r\nHost: devlxd\r\n"
            b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: %b\r\nSec-WebSocket-Key: %b\r\n\r\n"
            % (VERSION, self._opening.key)
        )

    def onOpen(self) -> None:
        """The peer has its answer: ping it, and give it events."""
        self._pings.clock = self.factory.clock
        self._pings.start(PING_TIME)
        self.transport.registerProducer(self._subscription, True)
        self._subscription.open(self)

    def sendData(
        self, data: bytes, sync: bool = False, chopsize: int | None = None
    ) -> None:
        """Write to the connection."""
        if self.state == self.STATE_CONNECTING:
            data = data.replace(b"Upgrade: WebSocket\r\n", b"Upgrade: websocket\r\n", 1)
        super().sendData(data, sync, chopsize)

    def onMessageBegin(self, isBinary: bool) -> None:
        """The peer wants no more."""
        super().onMessageBegin(isBinary)
        self.transport.loseConnection()

    def onPong(self, payload: bytes) -> None:
        """The peer is there."""
        self._unanswered = 0

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The peer is gone."""
        self._pings.stop()
        self._subscription.stopProducing()
        super().connectionLost(reason)

    def readConnectionLost(self) -> None:
        """The peer sends no more, not even pongs."""
        self.transport.loseConnection()

    def writeConnectionLost(self) -> None:
        """We never close this side alone."""

    def send(self, line: bytes) -> None:
        """Write an event, unless there was a close frame already."""
        if self.state == self.STATE_OPEN:
            self.sendMessage(line)

    def close(self, reason: str) -> None:
        """Say why in a close frame, and close when the peer has read it."""
        code = _GOING_AWAY if reason == OVER else _TRY_AGAIN_LATER
        self.sendCloseFrame(code, reason.encode())
        self.transport.loseConnection()

    def _ping(self) -> None:
        if self._unanswered == UNANSWERED:
            self.transport.abortConnection()
        else:
            self._unanswered += 1
            self.sendPing(self.factory.ping)
