"""Who hears of changes."""

from __future__ import annotations

from collections.abc import Callable

from attrs import Factory, define, field
from twisted.logger import Logger

from devlxd.model.change import Change


@define(eq=False)
class Observers:
    """Calls everyone for every change; nobody disturbs anybody else."""

    _log = Logger()

    _observers: dict[object, Callable[[Change], object]] = field(
        init=False, default=Factory(dict)
    )

    def add(self, observer: Callable[[Change], object]) -> Callable[[], None]:
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

    def announce(self, change: Change) -> None:
        """Tell everyone of a change."""
        for key in list(self._observers):
            # An observer before this one may have stopped it.
            if observer := self._observers.get(key):
                self._tell(observer, change)

    def _tell(self, observer: Callable[[Change], object], change: Change) -> None:
        try:
            observer(change)
        except Exception:
            self._log.failure(
                "An observer failed on a change of {name}", name=str(change.name)
            )
