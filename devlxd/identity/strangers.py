"""Whom nobody knew a moment ago."""

from __future__ import annotations

from collections.abc import Callable

from attrs import define, field

from devlxd.identity.namespaces import Namespace

__all__ = ["MEMORY", "MOST", "Strangers"]

MEMORY = 1.0
"""Seconds.  cloud-init asks for three before it gives up."""

MOST = 1024
"""How many are remembered."""


@define(eq=False)
class Strangers:
    """
    Remembers namespaces for a short time, so that they need not be looked into again
    for each connection.

    :ivar seconds: a clock.
    """

    _seconds: Callable[[], float]
    _until: dict[Namespace, float] = field(factory=dict, init=False)

    def __contains__(self, namespace: Namespace) -> bool:
        """Whether a namespace is still remembered."""
        return self._until.get(namespace, 0.0) > self._seconds()

    def __len__(self) -> int:
        """How many take up memory."""
        return len(self._until)

    def add(self, namespace: Namespace) -> None:
        """Remember a namespace, and forget the oldest instead when there are many."""
        self._until.pop(namespace, None)
        self._until[namespace] = self._seconds() + MEMORY
        if len(self._until) > MOST:
            del self._until[next(iter(self._until))]
