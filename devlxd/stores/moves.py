"""Who was given another name within one transaction."""

from __future__ import annotations

from typing import Generic, TypeVar

from attrs import Factory, define, field

N = TypeVar("N")


@define
class Moves(Generic[N]):
    """What those that have other names by now were called when it began."""

    _origins: dict[N, N] = field(init=False, default=Factory(dict))

    def origin(self, name: N) -> N:
        """What somebody was called."""
        return self._origins.get(name, name)

    def note(self, origin: N, name: N) -> None:
        """Somebody is called otherwise now."""
        if origin != name:
            self._origins[name] = origin

    def forget(self, name: N) -> None:
        """Nobody is called so any more."""
        self._origins.pop(name, None)

    def of(self, name: N, after: object) -> tuple[N | None, N | None]:
        """
        From what name somebody came, and to what name somebody went.

        :param after: what is there by that name now, if anything.
        """
        if after is not None:
            return self._origins.get(name), None
        went = (new for new, origin in self._origins.items() if origin == name)
        return None, next(went, None)
