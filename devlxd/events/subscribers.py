"""What takes over the connections of those who want events, in either form."""

from __future__ import annotations

from collections.abc import Callable

from attrs import Factory, define, field
from twisted.internet.interfaces import IProtocol, IReactorTime

from devlxd.events.handshake import Handshake
from devlxd.events.hub import Hub
from devlxd.events.sink import Backlog
from devlxd.events.stream import EventStream
from devlxd.events.subscription import Source, Subscription, Wish
from devlxd.events.websocket import WebSockets
from devlxd.events.wire import Encoder


@define(eq=False)
class Subscribers:
    """
    Makes subscribers.

    :ivar now: the time in nanoseconds since 1970.
    :ivar backlog: how much may wait for one of them.
    :ivar ping: the payload of a WebSocket's pings.
    :ivar hub: tells them.
    """

    _clock: IReactorTime
    _now: Callable[[], int]
    _backlog: Backlog = field(default=Factory(Backlog))
    _ping: bytes = b""
    hub: Hub = field(init=False, default=Factory(Hub))
    _source: Source = field(init=False)
    _websockets: WebSockets = field(init=False)
    _encoders: dict[tuple[bool, bool], Encoder] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._source = Source(self.hub, self._backlog, self._now)
        self._websockets = WebSockets(self._clock, self._ping)
        self._encoders = {
            (numbered, framed): Encoder(numbered, *wraps)
            for numbered in (False, True)
            for framed, wraps in ((False, ()), (True, (self._websockets.frame,)))
        }

    def subscriber(self, wish: Wish, opening: Handshake | None) -> IProtocol:
        """
        What takes over the connection of a subscriber.

        :param opening: that of a WebSocket, if it asks for one.
        """
        encoder = self._encoders[wish.past is not None, opening is not None]
        subscription = Subscription(self._source, wish, encoder)
        if opening is None:
            return EventStream(subscription)
        return self._websockets.protocol_for(opening, subscription)
