"""
Who hears of which instance's events.

Listeners are registered by instance, so that an event costs what its own listeners
cost, whatever else there is.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import methodcaller

from attrs import Factory, define, field
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from zope.interface import implementer

from devlxd.interfaces import IListener
from devlxd.model.change import Change
from devlxd.model.event import Record
from devlxd.model.names import InstanceName


@define(eq=False)
class Hub:
    """Tells each listener of an instance each of its events, in order."""

    _log = Logger()

    _listeners: dict[InstanceName, dict[object, IListener]] = field(
        init=False, default=Factory(dict)
    )

    def register(self, name: InstanceName, listener: IListener) -> Callable[[], None]:
        """
        Have a listener told of every later event of an instance.

        :return: call it to end that; more than once does no harm.
        """
        # The same listener may be there twice, hence a key of its own for each.
        key = object()
        self._listeners.setdefault(name, {})[key] = listener

        def unregister() -> None:
            here = self._listeners.get(name, {})
            if here.pop(key, None) is not None and not here:
                del self._listeners[name]

        return unregister

    def listeners(self, name: InstanceName) -> int:
        """How many listeners an instance has."""
        return len(self._listeners.get(name, ()))

    def announce(self, change: Change) -> None:
        """
        Tell of a change: an observer for `devlxd.interfaces.IInstances.observe`.
        """
        for record in change.records:
            self._tell(change.name, methodcaller("hear", record))
        if change.after is None:
            self.end(change.name)

    def end(self, name: InstanceName) -> None:
        """Tell the listeners of an instance that they hear nothing more."""
        self._tell(name, methodcaller("end"))

    def next(self, name: InstanceName) -> Deferred[Record]:
        """
        The next event of an instance.

        :return: fires with it; cancel it to wait no longer.  Fails with
            `twisted.internet.defer.CancelledError` when the instance ends before.
        """
        waiting = _Next()
        waiting.unregister = self.register(name, waiting)
        return waiting.record

    def _tell(self, name: InstanceName, what: Callable[[IListener], object]) -> None:
        # A copy, since who is told may leave, or bring others.
        for key, listener in list(self._listeners.get(name, {}).items()):
            if key in self._listeners.get(name, ()):
                try:
                    what(listener)
                except Exception:
                    self._log.failure("A listener of {name} failed", name=str(name))


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
