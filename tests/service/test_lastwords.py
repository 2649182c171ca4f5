"""What the operator reads of exceptions that nobody catches."""

from __future__ import annotations

from io import StringIO
from types import TracebackType

from twisted.trial.unittest import SynchronousTestCase

from devlxd.errors import CannotStart
from devlxd.service.lastwords import LastWords


class LastWordsTests(SynchronousTestCase):
    """`LastWords` is an exception hook."""

    def setUp(self) -> None:
        """Have a hook that was there before."""
        self.stream = StringIO()
        self.others: list[BaseException] = []

    def hook(self, error: BaseException) -> None:
        """Let an exception end the program."""

        def earlier(
            kind: type[BaseException],
            error: BaseException,
            trace: TracebackType | None,
        ) -> None:
            self.others.append(error)

        LastWords(self.stream, earlier)(type(error), error, None)

    def test_cannot_start(self) -> None:
        """What kept us from starting is one line, without a traceback."""
        self.hook(CannotStart("/x: No space left on device"))
        self.assertEqual(
            self.stream.getvalue(), "devlxd: /x: No space left on device\n"
        )
        self.assertEqual(self.others, [])

    def test_other(self) -> None:
        """Everything else is left to the hook that was there."""
        error = ZeroDivisionError()
        self.hook(error)
        self.assertEqual(self.others, [error])
        self.assertEqual(self.stream.getvalue(), "")
