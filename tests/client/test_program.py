"""Tests of the devlxd command as a program of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from signal import SIGINT, SIGTERM
from typing import Any, cast

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.error import ProcessTerminated
from twisted.internet.protocol import ProcessProtocol
from twisted.internet.threads import deferToThread
from twisted.python.failure import Failure
from twisted.trial.unittest import TestCase

from tests.client.eventservice import HEAD, EventService, config, latest, telling
from tests.client.program import PROGRAM, ROOT, Outcome, outcome, scripted
from tests.client.service import MAIN, GuestService, site
from tests.client.sockets import directory, later, listening
from tests.client.wire import Tally, endless, saying, silent


class Interrupted(ProcessProtocol):
    """A program that is sent a signal."""

    def __init__(self) -> None:
        self.err = b""
        self.ended: Deferred[int | None] = Deferred()

    def errReceived(self, data: bytes) -> None:
        """It complains."""
        self.err += data

    def processEnded(self, reason: Failure) -> None:
        """It is over, with an exit code or by a signal."""
        self.ended.callback(cast(ProcessTerminated, reason.value).exitCode)


class ProgramTests(TestCase):
    """``python -m devlxd.client.cli``"""

    async def devlxd(self, *arguments: str, **environ: str) -> Outcome:
        """What comes of the command."""
        return await outcome(sys.executable, *PROGRAM, *arguments, **environ)

    async def test_done(self) -> None:
        """A value goes to standard output byte by byte: 0."""
        path = listening(self, site(GuestService(config={b"user.b": b"\xff\x00\n\n"})))
        self.assertEqual(
            await self.devlxd("config", "get", "user.b", DEVLXD_SOCKET=path),
            Outcome(0, b"\xff\x00\n\n", ""),
        )

    async def test_json(self) -> None:
        """Standard output has one JSON document."""
        path = listening(self, site(GuestService()))
        said = await self.devlxd("--json", "--socket", path, "info")
        self.assertEqual(json.loads(said.out), MAIN)
        self.assertEqual((said.code, said.err), (0, ""))

    async def test_codes(self) -> None:
        """Each failure has its exit code, and is one line on standard error."""
        service = listening(self, site(GuestService()))
        broken = listening(self, saying(b"nonsense\r\n"))
        slow = listening(self, silent())
        for code, arguments in (
            (1, ["--socket", broken, "info"]),
            (2, ["--socket", service]),
            (3, ["--socket", "/nowhere", "info"]),
            (4, ["--socket", service, "config", "get", "user.x"]),
            (5, ["--socket", service, "config", "get", "boot"]),
            (6, ["--socket", slow, "--timeout", "0.05", "info"]),
        ):
            said = await self.devlxd(*arguments)
            self.assertEqual((said.code, said.out), (code, b""), said.err)
            self.assertRegex(said.err, r"\Adevlxd: [^\n]+\n\Z")

    async def test_head(self) -> None:
        """A reader who has had enough leaves no complaint."""
        config = {b"user.large": b"large\n" * 200_000}
        path = listening(self, site(GuestService(config=config)))
        said = await scripted(
            "{ devlxd config get user.large; echo $? >&2; } | head -n 1",
            DEVLXD_SOCKET=path,
        )
        self.assertEqual(said, Outcome(0, b"large\n", "0\n"))

    async def test_events_head(self) -> None:
        """A reader who has enough ends it, though nothing more happens."""
        service = EventService.of(telling(latest(0), config("a", 1)))
        said = await scripted(
            "{ devlxd events; echo $? >&2; } | head -n 1",
            DEVLXD_SOCKET=listening(self, service.factory()),
        )
        self.assertEqual(
            said, Outcome(0, b"2026-11-24T06:29:44Z user.a: (none) -> a\n", "0\n")
        )

    async def test_events_file(self) -> None:
        """Each event is in a file as soon as it has happened."""
        service = EventService.of(telling(config("a"), config("b")))
        path = listening(self, service.factory())
        file = Path(directory(self)) / "events"
        with file.open("w") as out:
            process = subprocess.Popen(
                [sys.executable, *PROGRAM, "--socket", path, "events"],
                stdout=out,
                cwd=ROOT,
            )
            while file.read_text().count("\n") < 2:
                await later(0.01)
            process.send_signal(SIGINT)
            self.assertEqual(await deferToThread(process.wait), 130)

    async def test_closed_output(self) -> None:
        """A command that says nothing needs no output, and others complain."""
        service = GuestService()
        path = listening(self, site(service))
        self.assertEqual(
            await scripted("devlxd ready >&-", DEVLXD_SOCKET=path),
            Outcome(0, b"", ""),
        )
        self.assertEqual(service.document["state"], "Ready")
        self.assertEqual(
            await scripted("devlxd info >&-", DEVLXD_SOCKET=path),
            Outcome(
                1,
                b"",
                "devlxd: cannot write the output: File not open for writing\n",
            ),
        )

    async def test_closed_errors(self) -> None:
        """A complaint that nobody can hear does not go to standard output instead."""
        self.assertEqual(
            await scripted("devlxd --socket /nowhere info 2>&-"), Outcome(3, b"", "")
        )

    async def test_interrupted(self) -> None:
        """A program that is interrupted while it waits is not done: 130."""
        for signal, command, head in (
            (SIGINT, "info", b""),
            (SIGTERM, "info", b""),
            (SIGINT, "events", HEAD),
        ):
            tally = Tally()
            path = listening(self, endless(tally, head, b""))
            program = Interrupted()
            process = cast(Any, reactor).spawnProcess(
                program,
                sys.executable,
                [sys.executable, *PROGRAM, "--socket", path, command],
                os.environ,
                str(ROOT),
            )
            await tally.asked
            process.signalProcess(signal)
            self.assertEqual((await program.ended, program.err), (130, b""))
