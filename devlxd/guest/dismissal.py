"""The end of what an instance is served."""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen

from devlxd.guest.door import Visitor
from devlxd.model.change import Change
from devlxd.model.instance import Config
from devlxd.model.visibility import is_served

__all__ = ["Dismissal"]


@frozen
class Dismissal:
    """
    Ends the connections of an instance when it may not use the guest API any more.

    In LXD the socket goes then, but who has a connection keeps it.

    :ivar end: ends the connections of those visitors that it is true of.
    :ivar is_served: whether an instance of some expanded config may use the API.
    """

    _end: Callable[[Callable[[object], bool]], object]
    _is_served: Callable[[Config], bool] = is_served

    def notice(self, change: Change) -> None:
        """Hear of a change: an observer for `devlxd.interfaces.IInstances.observe`."""
        before, after = change.before, change.after
        if before is None or after is None:
            # Nobody is served by what is not there: the door and the admission see to
            # that.
            return
        if self._is_served(before.config) and not self._is_served(after.config):
            self._end(
                lambda visitor: (
                    isinstance(visitor, Visitor) and visitor.name == change.name
                )
            )
