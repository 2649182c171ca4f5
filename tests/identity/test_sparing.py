"""A log that strangers write to stays small."""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.logger import ILogObserver, LogEvent, Logger, formatEvent
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import provider

from devlxd.identity.sparing import SILENCE, SparingLog


class SparingLogTests(SynchronousTestCase):
    """`SparingLog` writes a line a minute."""

    def setUp(self) -> None:
        """A log whose lines are kept."""
        self.lines: list[str | None] = []
        self.clock = Clock()

        @provider(ILogObserver)
        def keep(entry: LogEvent) -> None:
            self.lines.append(formatEvent(entry))

        self.log = SparingLog(Logger(observer=keep), self.clock.seconds)

    def test_first(self) -> None:
        """The first line is written."""
        self.log.info("{who} asks", who="a stranger")
        self.assertEqual(self.lines, ["a stranger asks"])

    def test_flood(self) -> None:
        """A thousand lines within a minute are one, and then a number."""
        for _ in range(1000):
            self.log.info("again")
        self.assertEqual(self.lines, ["again"])
        self.clock.advance(SILENCE)
        self.log.info("again")
        self.log.info("again")
        self.clock.advance(SILENCE)
        self.log.info("again")
        self.assertEqual(
            self.lines[1:],
            [
                "again (999 more such lines were left out)",
                "again (1 more such lines were left out)",
            ],
        )
