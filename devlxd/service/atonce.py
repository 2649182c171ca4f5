"""Results that are there before the reactor runs."""

from __future__ import annotations

from typing import TypeVar

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from devlxd.errors import CannotStart

__all__ = ["at_once"]

T = TypeVar("T")


def at_once(deferred: Deferred[T]) -> T:
    """
    The result of what needs no reactor to finish, as all that happens at start.

    :raises CannotStart: when it needs one after all.
    :raises Exception: what it failed with.
    """
    results: list[T] = []
    failures: list[Failure] = []
    deferred.addCallbacks(results.append, failures.append)
    if failures:
        failures[0].raiseException()
    if not results:
        raise CannotStart("what is to be there at the start takes time")
    return results[0]
