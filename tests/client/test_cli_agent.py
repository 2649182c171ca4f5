"""Tests of ``devlxd agent``, with real sockets."""

from __future__ import annotations

import os
import subprocess
import sys
from io import FileIO
from pathlib import Path
from signal import SIGTERM
from typing import Any

from twisted.internet import reactor
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.tcp import Connection
from twisted.internet.threads import deferToThread

from tests.client.commands import CommandTestCase
from tests.client.eventservice import EventService, config, latest, telling
from tests.client.following import until
from tests.client.program import PROGRAM, ROOT, Outcome
from tests.client.service import GuestService, site
from tests.client.sockets import directory, listening

_reactor: Any = reactor


def connections() -> list[object]:
    """What the reactor has of them."""
    return [each for each in _reactor.getReaders() if isinstance(each, Connection)]


class AgentTests(CommandTestCase):
    """An agent leads to a service."""

    timeout = 60

    def setUp(self) -> None:
        """Have a place for its socket."""
        self.path = f"{directory(self)}/lxd/sock"

    async def lead(self, to: str) -> None:
        """Lead to somewhere, until the test ends."""
        agent = Deferred.fromCoroutine(self.ask(self.path, "agent", "--to", to))
        self.addCleanup(agent.addErrback, lambda failure: failure.trap(CancelledError))
        self.addCleanup(agent.cancel)
        await until(Path(self.path).is_socket)

    async def said(self, *arguments: str) -> bytes:
        """What a command writes that goes through the agent."""
        said = await self.ask(self.path, *arguments)
        self.assertEqual((said.code, said.err), (0, ""))
        return said.out

    async def test_unix(self) -> None:
        """Commands work through it, however much they get."""
        large = b"large" * 200_000
        service = GuestService(config={b"user.large": large})
        await self.lead(f"unix:{listening(self, site(service))}")
        self.assertEqual(await self.said("config", "list"), b"user.large\n")
        self.assertEqual(await self.said("config", "get", "user.large"), large)
        await self.said("ready")
        self.assertEqual(service.document["state"], "Ready")

    async def test_tcp(self) -> None:
        """It leads to TCP, too."""
        port = _reactor.listenTCP(0, site(GuestService()), interface="127.0.0.1")
        self.addCleanup(port.stopListening)
        await self.lead(f"tcp:127.0.0.1:{port.getHost().port}")
        self.assertIn(b"local-hostname: c1\n", await self.said("metadata"))

    async def test_events(self) -> None:
        """Events come through it as they happen; nothing is held when nobody reads."""
        service = EventService.of(telling(latest(0), config("a", 1)))
        await self.lead(f"unix:{listening(self, service.factory())}")
        reading, writing = os.pipe()
        with FileIO(reading) as inp, FileIO(writing, "w") as out:
            events = Deferred.fromCoroutine(
                self.command("--socket", self.path, "events", out=out)
            )
            self.assertIn(b"user.a: ", await deferToThread(inp.readline))
            inp.close()
            self.assertEqual((await events).code, 0)
        await until(lambda: not connections())

    async def test_refused(self) -> None:
        """Where somebody listens it does not: 1."""
        await self.lead("unix:/nowhere")
        self.assertEqual(
            await self.ask(self.path, "agent", "--to", "unix:/x"),
            Outcome(1, b"", f"devlxd: {self.path}: somebody listens there already\n"),
        )

    async def test_program(self) -> None:
        """As a program it says what it does, and leaves nothing behind."""
        process = subprocess.Popen(
            [
                *(sys.executable, *PROGRAM, "agent"),
                *("--socket", self.path, "--to", "unix:/nowhere"),
            ],
            cwd=ROOT,
            stderr=subprocess.PIPE,
        )
        await until(Path(self.path).is_socket)
        said = await self.ask(self.path, "info")
        self.assertEqual(said.code, 1)
        process.send_signal(SIGTERM)
        _, err = await deferToThread(process.communicate)
        self.assertEqual(process.returncode, 130)
        self.assertEqual(
            err.decode(),
            f"devlxd: {self.path} leads to unix:/nowhere\n"
            "devlxd: unix:/nowhere: /nowhere: no such socket; is this an instance, and "
            "does its host share the socket?; callers are turned away\n",
        )
        self.assertFalse(Path(self.path).exists())
