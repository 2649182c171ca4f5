"""
Events on a WebSocket, one text message each.

The server pings at once and then every 10 seconds; a peer that leaves three pings
unanswered is dropped.  A message from the peer ends the subscription without a close
frame, as in LXD; a peer that is let go for its slowness is told so in one, which LXD
does not do.  There is no compression.

Autobahn speaks the protocol.  It is given an opening of our own making, with nothing in
it but the key, after `devlxd.events.handshake` found the real one good; and the letter
case of ``Upgrade`` in its answer is made LXD's.

Two things are done for the sake of many listeners, by what Autobahn offers for that.
An event becomes a frame once, by ``prepareMessage``, and not once for each of them.
The options, which Autobahn copies to each protocol that lacks them, are in its class.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autobahn.twisted.websocket import WebSocketServerFactory, WebSocketServerProtocol
from twisted.internet.interfaces import IHalfCloseableProtocol, IReactorTime
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from devlxd.events.handshake import VERSION, Handshake
from devlxd.events.heartbeat import Heartbeat
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
        self.ping = ping
        self.heartbeat = Heartbeat(clock, PING_TIME)
        self.setProtocolOptions(
            openHandshakeTimeout=0,
            closeHandshakeTimeout=0,
            failByDrop=False,
            maxFramePayloadSize=_LARGEST,
            # It would bound what we send, too.  From a peer no second frame is taken.
            maxMessagePayloadSize=0,
            perMessageCompressionAccept=lambda *_: None,
        )
        self._kind = _with_options(EventSocket, self)

    def protocol_for(
        self, opening: Handshake, subscription: Subscription
    ) -> EventSocket:
        """What takes over a connection whose opening is good."""
        return self._kind(opening, subscription)

    def frame(self, line: bytes) -> bytes:
        """The one frame of a text message, as it goes to every listener."""
        frame: bytes = self.prepareMessage(line, doNotCompress=True).payloadHybi
        return frame


def _with_options(kind: type[EventSocket], factory: WebSockets) -> type[EventSocket]:
    """
    A kind of socket that has the options of its factory already.

    Autobahn would give each socket a copy, and format all of them for a line of its
    log, written or not: that is more than a third of the cost of opening a WebSocket.
    """
    options = {name: getattr(factory, name) for name in kind.CONFIG_ATTRS}
    return type(
        kind.__name__, (kind,), {**options, "CONFIG_ATTRS": (), "factory": factory}
    )


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
        self._ping()
        self.factory.heartbeat.add(self._ping)
        self.transport.registerProducer(self._subscription, True)
        self._subscription.open(self)

    def sendData(
        self, data: bytes, sync: bool = False, chopsize: int | None = None
    ) -> None:
        """
        Write to the connection.

        Autobahn's own counts bytes, and colours words for its log.  That it can send in
        pieces is for tests of clients.
        """
        if self.state == self.STATE_CONNECTING:
            data = data.replace(b"Upgrade: WebSocket\r\n", b"Upgrade: websocket\r\n", 1)
        self.transport.write(data)

    def onMessageBegin(self, isBinary: bool) -> None:
        """The peer wants no more."""
        super().onMessageBegin(isBinary)
        self.transport.loseConnection()

    def onPong(self, payload: bytes) -> None:
        """The peer is there."""
        self._unanswered = 0

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The peer is gone."""
        self.factory.heartbeat.remove(self._ping)
        self._subscription.stopProducing()
        super().connectionLost(reason)

    def readConnectionLost(self) -> None:
        """The peer sends no more, not even pongs."""
        self.transport.loseConnection()

    def writeConnectionLost(self) -> None:
        """We never close this side alone."""

    def writer(self) -> Callable[[bytes], None]:
        """A frame is written as it is: see `sendCloseFrame`."""
        write: Callable[[bytes], None] = self.transport.write
        return write

    def sendCloseFrame(self, *arguments: Any, **options: Any) -> None:
        """
        Close, whoever began it.  No frame may follow, and Autobahn, which would see to
        that, is not asked for each.
        """
        self._subscription.stopProducing()
        super().sendCloseFrame(*arguments, **options)

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
