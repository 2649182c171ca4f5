"""
Who hears of which events.

Listeners are registered under a key, be it an instance or a project, so that an event
costs what its own listeners cost, whatever else there is.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator

from attrs import Factory, define, field
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from zope.interface import implementer

from devlxd.interfaces import IListener
from devlxd.model.change import Change
from devlxd.model.event import Record


@define(eq=False)
class Hub:
    """Tells each listener of a key each event of it, in order."""

    _log = Logger()

    _listeners: dict[Hashable, dict[object, IListener]] = field(
        init=False, default=Factory(dict)
    )

    def register(self, key: Hashable, listener: IListener) -> Callable[[], None]:
        """
        Have a listener told of every later event of a key.

        :return: call it to end that; more than once does no harm.
        """
        # The same listener may be there twice, hence a place of its own for each.
        place = object()
        self._listeners.setdefault(key, {})[place] = listener

        def unregister() -> None:
            here = self._listeners.get(key, {})
            if here.pop(place, None) is not None and not here:
                del self._listeners[key]

        return unregister

    def listeners(self, key: Hashable) -> int:
        """How many listeners a key has."""
        return len(self._listeners.get(key, ()))

    def tell(self, key: Hashable, record: Record) -> None:
        """Tell the listeners of a key of an event."""
        for listener in self._present(key):
            try:
                listener.hear(record)
            except Exception:
                self._complain(key)

    def announce(self, change: Change) -> None:
        """
        Tell of a change, with the instance's name for a key: an observer for
        `devlxd.interfaces.IInstances.observe`.
        """
        for record in change.records:
            self.tell(change.name, record)
        if change.after is None:
            self.end(change.name)

    def end(self, key: Hashable) -> None:
        """Tell the listeners of a key that they hear nothing more."""
        for listener in self._present(key):
            try:
                listener.end()
            except Exception:
                self._complain(key)

    def next(self, key: Hashable) -> Deferred[Record]:
        """
        The next event of a key.

        :return: fires with it; cancel it to wait no longer.  Fails with
            `twisted.internet.defer.CancelledError` when the key ends before.
        """
        waiting = _Next()
        waiting.unregister = self.register(key, waiting)
        return waiting.record

    def _present(self, key: Hashable) -> Iterator[IListener]:
        here = self._listeners.get(key, {})
        # A copy, since who is told may leave, or bring others.
        for place, listener in list(here.items()):
            if place in here:
                yield listener

    def _complain(self, key: Hashable) -> None:
        self._log.failure("A listener of {name} failed", name=str(key))


@implementer(IListener)
@define(eq=False)
class _Next:
    """Waits for one event."""

    unregister: Callable[[], None] = field(init=False)
    record: Deferred[Record] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.record = Deferred(lambda _: self.unregister())

    def hear(self, record: Record) -> None:
        self.unregister()
        self.record.callback(record)

    def end(self) -> None:
        self.record.cancel()
