"""Events for operators: by project, from now on, and kept nowhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

from attrs import Factory, define, field
from twisted.internet.interfaces import IProtocol, IReactorTime

from devlxd.events.handshake import Handshake
from devlxd.events.sink import Backlog
from devlxd.events.subscribers import Subscribers
from devlxd.events.subscription import Wish
from devlxd.model.event import Event, Record

# What no project is called.
_ALL = None


@define(eq=False)
class Broadcast:
    """
    Tells operators of events.

    :ivar now: the time in nanoseconds since 1970.
    """

    _clock: IReactorTime
    _now: Callable[[], int]
    _backlog: Backlog = field(default=Factory(Backlog))
    _numbers: Iterator[int] = field(init=False, default=Factory(lambda: count(1)))
    _subscribers: Subscribers = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._subscribers = Subscribers(self._clock, self._now, self._backlog)

    def publish(self, event: Event) -> None:
        """Tell those who listen to the event's project, and those who do to all."""
        record = Record(next(self._numbers), self._now(), event)
        for key in (event.project, _ALL):
            self._subscribers.hub.tell(key, record)

    def listeners(self, project: str | None = None) -> int:
        """How many listen to a project, or to all of them."""
        return self._subscribers.hub.listeners(project)

    def subscriber(
        self, project: str | None, types: frozenset[str], opening: Handshake | None
    ) -> IProtocol:
        """
        What takes over the connection of an operator.

        :param project: whose events are asked for; ``None`` for those of all.
        :param types: of the events that are asked for.
        :param opening: that of a WebSocket, if one is asked for.
        """
        return self._subscribers.subscriber(Wish(project, types), opening)
