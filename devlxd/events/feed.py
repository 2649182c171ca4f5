"""Events for whoever wants them, in whatever form."""

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
from devlxd.interfaces import IJournal
from devlxd.model.change import Change
from devlxd.model.names import InstanceName
from devlxd.model.visibility import is_served


@define(eq=False)
class Feed:
    """
    Makes subscribers.

    :ivar now: the time in nanoseconds since 1970.
    """

    _journal: IJournal
    _clock: IReactorTime
    _now: Callable[[], int]
    _backlog: Backlog = field(default=Factory(Backlog))
    _hub: Hub = field(init=False, default=Factory(Hub))
    _source: Source = field(init=False)
    _websockets: WebSockets = field(init=False)
    _plain: Encoder = field(init=False, default=Encoder(numbered=False))
    _numbered: Encoder = field(init=False, default=Encoder(numbered=True))

    def __attrs_post_init__(self) -> None:
        self._source = Source(self._hub, self._journal, self._backlog, self._now)
        self._websockets = WebSockets(self._clock)

    def announce(self, change: Change) -> None:
        """
        Tell of a change: an observer for `devlxd.interfaces.IInstances.observe`.

        An instance that may not use the guest API any more hears nothing from then on.
        """
        self._hub.announce(change)
        if change.after is not None and not is_served(change.after.config):
            self._hub.end(change.name)

    def listeners(self, name: InstanceName) -> int:
        """How many listen to an instance."""
        return self._hub.listeners(name)

    def subscriber(self, wish: Wish, opening: Handshake | None) -> IProtocol:
        """
        What takes over the connection of a subscriber.

        :param opening: that of a WebSocket, if it asks for one.
        """
        encoder = self._plain if wish.since is None else self._numbered
        subscription = Subscription(self._source, wish, encoder)
        if opening is None:
            return EventStream(subscription)
        return self._websockets.protocol_for(opening, subscription)
