"""The events of instances, for whoever wants them, in whatever form."""

from __future__ import annotations

from collections.abc import Callable

from attrs import Factory, define, field
from twisted.internet.interfaces import IProtocol, IReactorTime

from devlxd.events.handshake import Handshake
from devlxd.events.manner import Manner
from devlxd.events.sink import Backlog
from devlxd.events.subscribers import Subscribers
from devlxd.events.subscription import Past, Wish
from devlxd.interfaces import IJournal
from devlxd.model.change import Change
from devlxd.model.names import InstanceName
from devlxd.model.visibility import is_served


@define(eq=False)
class Feed:
    """
    Tells guests of their own instances.

    :ivar now: the time in nanoseconds since 1970.
    :ivar manner: how they are told.
    """

    _journal: IJournal
    _clock: IReactorTime
    _now: Callable[[], int]
    _backlog: Backlog = field(default=Factory(Backlog))
    _manner: Manner = field(default=Factory(Manner))
    _subscribers: Subscribers = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._subscribers = Subscribers(
            self._clock, self._now, self._backlog, self._manner.ping
        )

    def announce(self, change: Change) -> None:
        """
        Tell of a change: an observer for `devlxd.interfaces.IInstances.observe`.

        An instance that may not use the guest API any more hears nothing from then on.
        """
        hub = self._subscribers.hub
        hub.announce(change)
        after = change.after
        if after is not None and not is_served(after.config, self._manner.switch):
            hub.end(change.name)

    def listeners(self, name: InstanceName) -> int:
        """How many listen to an instance."""
        return self._subscribers.hub.listeners(name)

    def subscriber(
        self,
        name: InstanceName,
        types: frozenset[str],
        since: int | str | None,
        opening: Handshake | None,
    ) -> IProtocol:
        """
        What takes over the connection of a guest.

        :param types: of the events that it asks for.
        :param since: the number of the event after which to begin,
            `devlxd.events.subscription.LATEST`, or ``None`` for what happens from now
            on, without numbers.
        :param opening: that of a WebSocket, if it asks for one.
        """
        if since is None:
            wish = Wish(name, types, tells=self._manner.tells)
        else:
            # No server but ours numbers events, and without them all it would seem that
            # some were lost.
            wish = Wish(name, types, Past(self._journal, name, since))
        return self._subscribers.subscriber(wish, opening)
