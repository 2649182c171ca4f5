"""What the operator reads when the service cannot start."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import TextIO

from attrs import frozen

from devlxd.errors import CannotStart

__all__ = ["LastWords"]


@frozen
class LastWords:
    """
    An exception hook (see `sys.excepthook`) that says in one line what kept us from
    starting.

    ``twistd`` takes its pid file away, and tells the process that waits for a daemon,
    only when a start fails with an exception; one that ends the program quietly, as
    `SystemExit`, passes it by.

    :ivar stream: where the line goes.
    :ivar otherwise: the hook for all other exceptions.
    """

    stream: TextIO
    otherwise: Callable[
        [type[BaseException], BaseException, TracebackType | None], object
    ]

    def __call__(
        self,
        kind: type[BaseException],
        error: BaseException,
        trace: TracebackType | None,
    ) -> None:
        """Say what nobody has caught."""
        if isinstance(error, CannotStart):
            print(f"devlxd: {error}", file=self.stream)
        else:
            self.otherwise(kind, error, trace)
