"""Nothing is lost and nothing is doubled, however often the service is killed."""

from __future__ import annotations

import contextlib
import json
import random
import secrets
import shutil
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from twisted.internet import reactor
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import ProcessExitedAlready
from twisted.internet.interfaces import IProcessTransport
from twisted.internet.protocol import ProcessProtocol
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread
from twisted.python.failure import Failure
from twisted.trial.unittest import TestCase

from devlxd.client import Backoff, Event, Gap, GuestClient
from devlxd.client.failures import ConnectionLost, NoService
from tests.peers.service import environment
from tests.service.processes import Service as Twistd

KILLS = 200

_MOST_CHANGES = 8
_LONGEST = 0.1  # seconds
_PATIENCE = 60.0  # seconds; the machine may be busy
_PAUSE = 0.02
_reactor: Any = reactor


class Program(ProcessProtocol):
    """
    A Python module that runs as a program.

    :ivar lines: what it has said.
    :ivar complaints: what it has said on standard error.
    """

    transport: IProcessTransport

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.complaints = b""
        self.ended: Deferred[None] = Deferred()
        self._rest = b""

    def start(self, test: TestCase, module: str, *arguments: str) -> None:
        """Run until the end of a test."""
        argv = [sys.executable, "-m", module, *arguments]
        pipes = {0: "w", 1: "r", 2: "r"}
        _reactor.spawnProcess(self, sys.executable, argv, environment(), childFDs=pipes)
        test.addCleanup(self.stop)

    def tell(self, line: str) -> None:
        """Write a line to its standard input."""
        self.transport.writeToChild(0, f"{line}\n".encode())

    def has(self, count: int) -> bool:
        """Whether it has said so many lines."""
        return len(self.lines) >= count

    async def stop(self) -> None:
        """Interrupt it."""
        with contextlib.suppress(ProcessExitedAlready):
            self.transport.signalProcess("INT")
        await self.ended

    def outReceived(self, data: bytes) -> None:
        """It says something."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        self.lines += lines

    def errReceived(self, data: bytes) -> None:
        """It complains."""
        self.complaints += data

    def processEnded(self, reason: Failure) -> None:
        """It is over."""
        self.ended.callback(None)


class Service(Program):
    """
    The service of ``killed_service``.

    :ivar acknowledged: the values whose change was, in this order.
    """

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self.acknowledged: list[int] = []
        self._chance = chance
        self._kills = 0

    async def stop(self) -> None:
        """End what it reads, so that it ends what it has started."""
        self.transport.closeChildFD(0)
        await self.ended

    def outReceived(self, data: bytes) -> None:
        """Changes are acknowledged, or it was killed."""
        super().outReceived(data)
        self._kills += self.lines.count(b"killed")
        self.acknowledged += [int(line) for line in self.lines if line.isdigit()]
        self.lines.clear()

    async def live(self) -> None:
        """
        Let it change some values and then kill it, at any moment: while it starts,
        right at the news of a change, or some time after that.
        """
        kills = self._kills
        changes = len(self.acknowledged) + self._chance.randrange(_MOST_CHANGES)
        self.tell("change")
        await until(lambda: len(self.acknowledged) >= changes, 0.001)
        longest = self._chance.choice([0, _LONGEST])
        await deferLater(_reactor, self._chance.uniform(0, longest))
        self.tell("kill")
        await until(lambda: self._kills > kills, 0.001)


async def until(condition: Callable[[], bool], pause: float = _PAUSE) -> None:
    """Wait for a condition, though not for ever."""
    end = _reactor.seconds() + _PATIENCE
    while not condition() and _reactor.seconds() < end:
        await deferLater(_reactor, pause)


async def answer(client: GuestClient, key: str) -> str:
    """The value of a key, as soon as a service is there that starts."""
    while True:
        try:
            return await client.config(key)
        except (NoService, ConnectionLost):
            await deferLater(_reactor, _PAUSE)


def of_value(told: Event | Gap) -> object:
    """The number of an event, and the value that it tells."""
    return (told.seq, told.metadata["value"]) if isinstance(told, Event) else told


def of_line(line: bytes) -> object:
    """The number of an event, and the value that it tells."""
    document = json.loads(line)
    return document["seq"], document["metadata"].get("value")


class KilledTests(TestCase):
    """Clients hear of all that a service did between its deaths."""

    timeout = 600

    def setUp(self) -> None:
        """Have a directory whose path is short enough for a socket."""
        self.directory = Path(tempfile.mkdtemp(prefix="devlxd-"))
        self.addCleanup(shutil.rmtree, self.directory)
        (self.directory / "instances.yaml").write_text("instances:\n  c1: {}\n")
        self.socket = str(self.directory / "state" / "devlxd" / "sock")
        self.told: list[Event | Gap] = []
        self.ends = 0

    async def test_killed(self) -> None:
        """Every value comes once and in order, to `GuestClient` and to ``devlxd``."""
        seed = secrets.randbits(32)
        service = Service(random.Random(seed))  # noqa: S311 (repeatable, not secret)
        service.start(self, "tests.peers.killed_service", str(self.directory))
        command = Program()
        command.start(
            *(self, "devlxd.client.cli", "--socket", self.socket),
            *("events", "--type=config", "--since=0", "--json"),
        )
        client = GuestClient.connect(_reactor, self.socket)
        following = Deferred.fromCoroutine(self.follow(client))
        self.addCleanup(following.cancel)
        for _ in range(KILLS):
            await service.live()
            self.assertEqual(service.complaints, b"", seed)
        service.tell("serve")
        last = int(await answer(client, "user.k"))
        await until(lambda: last <= min(len(self.told), len(command.lines)))

        when = f"seed {seed}"
        self.assertEqual(service.acknowledged, sorted({*service.acknowledged}), when)
        self.assertLessEqual(service.acknowledged[-1], last, when)
        # It was not away all the time.
        self.assertGreater(self.ends, KILLS // 4, when)
        expected: list[object] = [(n, str(n)) for n in range(1, last + 1)]
        self.same([*map(of_value, self.told)], expected, when)
        self.same([*map(of_line, command.lines)], expected, when)

    async def test_twistd(self) -> None:
        """Under ``twistd``, too, nothing is lost when it is killed, and people are told
        that one waits."""
        service = Twistd.of(self)
        command = Program()
        command.start(
            *(self, "devlxd.client.cli", "--socket", str(service.socket)),
            *("events", "--since=0"),
        )
        for number in range(6):
            text = f'instances:\n  c1:\n    config: {{user.k: "{number}"}}\n'
            file = service.write("instances.yaml", text)
            await deferToThread(service.start, f"--instances={file}", "--assume=c1")
            await until(partial(command.has, number))
            await deferToThread(service.kill)
        self.assertEqual(
            [line.split(b" ", 1)[1] for line in command.lines],
            [b"user.k: %d -> %d" % (number, number + 1) for number in range(5)],
        )
        self.assertIn(b"closed the connection (trying again)\n", command.complaints)

    async def follow(self, client: GuestClient) -> None:
        """Keep all that a client is told."""
        backoff = Backoff(0.001, 0.05)
        events = client.events("config", 0, backoff=backoff, notice=self.notice)
        with contextlib.suppress(CancelledError):
            async for told in events:
                self.told.append(told)

    def notice(self, failure: Exception) -> None:
        """Count how often the client's connection was ended."""
        self.ends += isinstance(failure, ConnectionLost)

    def same(self, told: list[object], expected: list[object], when: str) -> None:
        """Compare two long lists, and show where they part."""
        for index, (one, other) in enumerate(zip(told, expected, strict=False)):
            self.assertEqual(one, other, f"{when}, event {index}")
        self.assertEqual(len(told), len(expected), when)
