"""Who hears of changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from attrs import Factory, define, field
from twisted.logger import Logger

from devlxd.model.change import AnyChange

C = TypeVar("C", bound=AnyChange)


@define(eq=False)
class Observers(Generic[C]):
    """Calls everyone for every change; nobody disturbs anybody else."""

    _log = Logger()

    _observers: dict[object, Callable[[C], object]] = field(
        init=False, default=Factory(dict)
    )

    def add(self, observer: Callable[[C], object]) -> Callable[[], None]:
        """
        Call somebody for every later change.

        :return: call it to end that.
        """
        # The same callable may be there twice, hence a key of its own for each.
        key = object()
        self._observers[key] = observer

        def stop() -> None:
            self._observers.pop(key, None)

        return stop

    def announce(self, change: C) -> None:
        """Tell everyone of a change."""
        for key in list(self._observers):
            # An observer before this one may have stopped it.
            if observer := self._observers.get(key):
                self._tell(observer, change)

    def _tell(self, observer: Callable[[C], object], change: C) -> None:
        try:
            observer(change)
        except Exception:
            self._log.failure(
                "An observer failed on a change of {name}", name=str(change.name)
            )
