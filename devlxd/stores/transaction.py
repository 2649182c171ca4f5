"""One rule on its way through a store."""

from __future__ import annotations

from collections.abc import Callable
from inspect import isawaitable
from typing import Any, Protocol, TypeVar

from attrs import Factory, define, field
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from devlxd.errors import StoreFailure
from devlxd.interfaces import IDraft
from devlxd.model.change import AnyChange
from devlxd.stores.draft import Draft
from devlxd.stores.overlay import Overlay

T = TypeVar("T")


class Transact(Protocol):
    """`devlxd.interfaces.IStore.transact`."""

    def __call__(self, rule: Callable[[IDraft], T]) -> Deferred[T]:
        """Run a rule and make its edits durable."""


@define(eq=False)
class Transaction:
    """
    A rule and who waits for it.

    :ivar done: what the caller was given.  It has no canceller: when the caller goes
        away and cancels it, the change goes on, and Twisted drops the later result.
    """

    _rule: Callable[[IDraft], Any]
    done: Deferred[Any] = field(init=False, default=Factory(Deferred))
    _outcome: Any = field(init=False, default=None)

    def evaluate(self, batch: Overlay, new_uuid: Callable[[], str]) -> list[AnyChange]:
        """
        Run the rule on what the earlier ones of a batch left, and add its edits.  A
        rule that raises adds nothing.
        """
        draft = Draft(batch, new_uuid)
        try:
            self._outcome = self._run(draft)
        except Exception:
            self._outcome = Failure()
            return []
        changes = draft.changes()
        batch.absorb(draft.edits)
        return changes

    def _run(self, draft: Draft) -> object:
        result = self._rule(draft)
        if isawaitable(result):
            raise TypeError("A rule of a transaction cannot wait")
        return result

    def finish(self) -> None:
        """Hand out what came of it, now that it is durable."""
        self.done.callback(self._outcome)

    def fail(self) -> None:
        """
        Hand out that nothing came of it.

        What the rule raised does not matter any more, since it may have been about an
        edit of an earlier one that never came to be.
        """
        self.done.errback(StoreFailure())
