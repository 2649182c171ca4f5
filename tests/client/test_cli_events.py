"""Tests of ``devlxd events``, in process."""

from __future__ import annotations

import io
import os

from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThread

from tests.client.commands import CommandTestCase
from tests.client.eventservice import (
    Answer,
    EventService,
    config,
    ending,
    gap,
    latest,
    refusing,
    telling,
)
from tests.client.program import Outcome
from tests.client.sockets import listening


class EventsTests(CommandTestCase):
    """``devlxd events``, for a reader who has enough some time."""

    timeout = 20

    def serve(self, *answers: Answer) -> None:
        """Serve until the end of the test."""
        self.service = EventService.of(*answers)
        self.path = listening(self, self.service.factory())

    async def seen(self, count: int, *arguments: str) -> tuple[list[str], Outcome]:
        """The first lines, and what comes of the command when nobody reads more."""
        reading, writing = os.pipe()
        with io.FileIO(reading) as reader, io.FileIO(writing, "w") as out:
            running = Deferred.fromCoroutine(
                self.command("--socket", self.path, "events", *arguments, out=out)
            )
            lines: list[bytes] = []
            while len(lines) < count:
                lines += await deferToThread(reader.read, 65536).addCallback(
                    bytes.splitlines
                )
            reader.close()
            outcome = await running
        return [line.decode() for line in lines], outcome

    async def test_plain(self) -> None:
        """An event is a line for people; the end of the reader is no fault: 0."""
        self.serve(telling(latest(0), config("a", 1), config("b\n", 2)))
        lines, outcome = await self.seen(2)
        self.assertEqual(
            lines,
            [
                "2026-11-24T06:29:44Z user.a: (none) -> a",
                "2026-11-24T06:29:44Z user.a: (none) -> b\\n",
            ],
        )
        self.assertEqual(outcome, Outcome(0, b"", ""))
        self.assertEqual(self.service.asked, ["/1.0/events?since=latest"])

    async def test_json(self) -> None:
        """For programs an event is what the service said, and a gap is a line, too."""
        self.serve(telling(gap(3, 6), config("a", 6)))
        lines, outcome = await self.seen(
            2, "--json", "--since", "3", "--type", "config"
        )
        self.assertEqual(
            lines,
            [
                '{"type":"gap","metadata":{"oldest":6,"since":3},"seq":5}',
                config("a", 6).decode().rstrip(),
            ],
        )
        self.assertEqual(outcome, Outcome(0, b"", ""))
        self.assertEqual(self.service.asked, ["/1.0/events?type=config&since=3"])

    async def test_gap(self) -> None:
        """People are told on standard error what is missing."""
        self.serve(telling(gap(3, 6), config("a", 6)))
        _, outcome = await self.seen(1, "--since", "3")
        self.assertEqual(outcome.err, "devlxd: events 4 to 5 are lost\n")

    async def test_away(self) -> None:
        """While the service is away it is said why one waits, and then all is well."""
        self.serve(refusing(503, "Busy"), ending(latest(0)), telling(config("a", 1)))
        lines, outcome = await self.seen(1)
        self.assertEqual(len(lines), 1)
        self.assertEqual(
            outcome,
            Outcome(
                0,
                b"",
                "devlxd: Busy (trying again)\n"
                f"devlxd: {self.path}: the service closed the connection "
                "(trying again)\n",
            ),
        )

    async def test_refused(self) -> None:
        """When the instance may not hear of events, that is no use: 5."""
        self.serve(refusing(403, "Forbidden"))
        self.assertEqual(
            await self.ask(self.path, "events"),
            Outcome(5, b"", "devlxd: events: Forbidden\n"),
        )

    async def test_unwritable(self) -> None:
        """When the output cannot be written: 1."""
        self.serve(telling(config("a", 1)))
        with io.FileIO("/dev/full", "w") as full:
            outcome = await self.command("--socket", self.path, "events", out=full)
        self.assertEqual(outcome.code, 1)
        await self.service.listeners[0].closed
