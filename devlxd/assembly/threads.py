"""Where blocking work is done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThreadPool

from devlxd.stores.backend import Run

T = TypeVar("T")


def in_thread(reactor: Any) -> Run:
    """Does blocking work in the threads of a reactor."""

    def run(work: Callable[[], T], /) -> Deferred[T]:
        return deferToThreadPool(reactor, reactor.getThreadPool(), work)

    return run
