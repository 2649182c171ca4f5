"""Tests of ``devlxdctl wait`` and ``devlxdctl monitor``."""

from __future__ import annotations

import io
import json
import os
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThread
from twisted.trial.unittest import SynchronousTestCase

from devlxd.ctl.hostevents import event_line, host_event
from tests.client.program import Outcome
from tests.client.sockets import listening
from tests.ctl.hosting import CtlTestCase, HostTestCase
from tests.ctl.instanceservice import BUSY, InstanceService, instance

TIME = "2026-11-24T06:29:44.519361032Z"


def event(kind: str, metadata: object, **more: object) -> bytes:
    """A line."""
    document = {"type": kind, "timestamp": TIME, "metadata": metadata, **more}
    return json.dumps(document).encode() + b"\n"


def lifecycle(source: str) -> bytes:
    """The line of something that happened to a thing."""
    return event("lifecycle", {"action": "instance-ready", "source": source})


class WaitTests(CtlTestCase):
    """``devlxdctl wait NAME --ready``"""

    def serve(self, *happenings: bytes, statuses: str = "") -> None:
        """A host with an instance whose status is one after the other of these."""
        self.service = InstanceService(
            {"c1": instance("c1")},
            statuses=iter(statuses.split()),
            happenings=list(happenings),
        )
        self.path = listening(self, self.service.site())

    async def test_ready(self) -> None:
        """What is ready already is not waited for."""
        self.serve(b"", statuses="Ready Ready")
        self.assertEqual(
            await self.document("wait", "c1", "--ready"),
            {"name": "c1", "status": "Ready"},
        )

    async def test_events(self) -> None:
        """It is looked at again when something happens to it, and to no other."""
        self.serve(
            lifecycle("/1.0/instances/c2")
            + lifecycle("/1.0/profiles/c1")
            + lifecycle("/1.0/instances/c1?project=other")
            + event("lifecycle", {})
            + lifecycle("/1.0/instances/c1")
            + lifecycle("/1.0/instances/c1"),
            statuses="Running Running Running Ready Stopped",
        )
        self.assertEqual(await self.said("wait", "c1", "--ready"), "")
        self.assertEqual(self.service.asked, ["GET /1.0/events?type=lifecycle"])
        self.assertEqual(next(self.service.statuses), "Stopped")

    async def test_away(self) -> None:
        """A service that goes away is waited for, and then it is looked at again."""
        self.serve(b"", b"", statuses="Running Running Ready")
        outcome = await self.ctl("wait", "c1", "--ready")
        self.assertEqual(outcome.code, 0)
        self.assertEqual(
            outcome.err,
            f"devlxdctl: {self.path}: the service closed the connection "
            "(trying again)\n",
        )

    async def test_busy(self) -> None:
        """A service that is busy is waited for, too."""
        self.serve(BUSY, b"", statuses="Running Ready")
        self.assertEqual(
            await self.ctl("wait", "c1", "--ready"),
            Outcome(0, b"", "devlxdctl: busy (trying again)\n"),
        )

    async def test_late(self) -> None:
        """When the time is over, that is told: 6."""
        self.serve(b"")
        await self.failed(
            6,
            "c1 is not ready after 0.2 s",
            *("wait", "c1", "--ready", "--timeout", "0.2"),
        )

    async def test_in_time(self) -> None:
        """Within the time it may be ready."""
        self.serve(b"", statuses="Running Ready")
        await self.said("wait", "c1", "--ready", "--timeout", "10")

    async def test_none(self) -> None:
        """What is not there is not waited for: 4."""
        self.serve(b"")
        await self.failed(4, "wait x: Instance not found", "wait", "x", "--ready")

    async def test_nonsense(self) -> None:
        """Events of another shape are not understood: 1."""
        self.serve(b"[]\n")
        outcome = await self.ctl("wait", "c1", "--ready")
        self.assertEqual(outcome.code, 1)
        self.assertIn(
            "was answered with another event (an object was due); is it the host's",
            outcome.err,
        )


class Piped:
    """A reader of the first lines of what a command writes."""

    def __init__(self) -> None:
        reading, writing = os.pipe()
        self.reader = io.FileIO(reading)
        self.out = io.FileIO(writing, "w")
        self.seen = b""

    async def lines(self, count: int) -> list[str]:
        """So many lines; nobody reads more."""
        while self.seen.count(b"\n") < count:
            more: Any = await deferToThread(self.reader.read, 65536)
            self.seen += more
        self.reader.close()
        return self.seen.decode().splitlines()


class MonitorTests(HostTestCase):
    """``devlxdctl monitor``, of the host itself."""

    async def seen(self, count: int, *arguments: str) -> tuple[list[str], Outcome]:
        """The first lines, while profiles are made."""
        piped = Piped()
        running = Deferred.fromCoroutine(self.ctl("monitor", *arguments, out=piped.out))
        making = Deferred.fromCoroutine(self.make())
        lines = await piped.lines(count)
        outcome = await running
        self.made = True
        await making
        piped.out.close()
        return lines, outcome

    async def make(self) -> None:
        """Make profiles until somebody has heard of it."""
        self.made = False
        number = 0
        while not self.made:
            number += 1
            await self.said("profile", "create", f"p{number}")

    async def test_plain(self) -> None:
        """What happens is a line; the end of the reader is no fault: 0."""
        (line, *_), outcome = await self.seen(1, "--type", "lifecycle")
        self.assertRegex(
            line, r"\A[-0-9]+T[:0-9]+\S+ profile-created /1\.0/profiles/p\d+\Z"
        )
        self.assertEqual(outcome, Outcome(0, b"", ""))

    async def test_json(self) -> None:
        """For programs it is what the host said."""
        (line, *_), _ = await self.seen(1, "--json", "--all-projects")
        self.assertEqual(json.loads(line)["metadata"]["action"], "profile-created")


class LineTests(SynchronousTestCase):
    """How an event looks."""

    def line(self, kind: str, metadata: object) -> str:
        """Without its time."""
        return event_line(host_event(event(kind, metadata))).removeprefix(
            "2026-11-24T06:29:44Z "
        )

    def test_kinds(self) -> None:
        """Each kind has a form, and others are shown as they are."""
        for kind, metadata, seen in (
            ("lifecycle", {"action": "a", "source": "/b"}, "a /b"),
            ("operation", {"description": "a", "status": "b"}, "operation a: b"),
            ("logging", {"level": "info", "message": "a\nb"}, r"info: a\nb"),
            ("lifecycle", {}, "lifecycle {}"),
        ):
            self.assertEqual(self.line(kind, metadata), seen)

    def test_long(self) -> None:
        """It has 80 columns at most."""
        line = event_line(host_event(event("lifecycle", {"x": "y" * 100})))
        self.assertEqual(len(line), 80)
