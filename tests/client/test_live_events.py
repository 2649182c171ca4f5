"""`GuestClient.events` and the guest API itself, on a real socket."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from functools import partial
from typing import Any

from attrs import evolve
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.trial.unittest import TestCase

from devlxd.client import Backoff, Event, Gap, GuestClient
from devlxd.client.events import Told
from devlxd.errors import BadRequest, Forbidden
from devlxd.events.sink import Backlog
from tests.client.sockets import later
from tests.peers.live import C1, Live

_reactor: Any = reactor
QUICK = Backoff(0.001, 0.01)


def values(told: list[Told]) -> list[object]:
    """The values that events tell, or what else was told."""
    return [
        each.metadata["value"] if isinstance(each, Event) else each for each in told
    ]


class LiveEventsTests(TestCase):
    """A client hears what happens."""

    timeout = 60

    # trial waits for what setUp returns, but its annotation does not say so.
    async def setUp(self) -> None:  # type: ignore[override]
        """Serve."""
        self.live = Live()
        await self.live.start(self, Backlog(100, 100_000))
        self.client = GuestClient.connect(_reactor, str(self.live.socket))

    def events(self, *arguments: Any) -> AsyncGenerator[Told, None]:
        """Events, until the end of the test."""
        events = self.client.events(*arguments, backoff=QUICK)
        self.addCleanup(lambda: Deferred.fromCoroutine(events.aclose()))
        return events

    async def some(self, events: AsyncGenerator[Told, None], count: int) -> list[Told]:
        """So many."""
        return [await anext(events) for _ in range(count)]

    async def listening(self) -> None:
        """Wait until somebody listens."""
        while not self.live.feed.listeners(C1):
            await later(0.001)

    async def test_live(self) -> None:
        """Events come as they happen, and have numbers."""
        await self.live.set("user.k", "0")
        first = Deferred.fromCoroutine(anext(self.events()))
        await self.listening()
        await self.live.set("user.k", "1")
        told = await first
        assert isinstance(told, Event)
        self.assertEqual((told.type, told.seq), ("config", 2))
        self.assertEqual(
            told.metadata, {"key": "user.k", "old_value": "0", "value": "1"}
        )
        self.assertEqual(told.time.tzname(), "UTC")

    async def test_types(self) -> None:
        """Only what is asked for is told."""
        nic = {"eth0": {"type": "nic", "name": "eth0"}}
        await self.live.set("user.k", "0")
        await self.live.store.instances.update(C1, partial(evolve, devices=nic))
        told = await anext(self.events(["device"], 0))
        assert isinstance(told, Event)
        self.assertEqual((told.type, told.seq), ("device", 2))

    async def test_ended(self) -> None:
        """Whoever is let go comes back, and has missed nothing."""
        events = self.events("", 0)
        await self.live.set("user.k", "0")
        self.assertEqual(values(await self.some(events, 1)), ["0"])
        await self.listening()
        self.live.site.abort()
        for number in range(1, 4):
            await self.live.set("user.k", str(number))
        self.assertEqual(values(await self.some(events, 3)), ["1", "2", "3"])

    async def test_slow(self) -> None:
        """A reader who is too slow is let go, comes back, and has missed nothing that
        is kept."""
        events = self.events("", 0)
        text = "x" * 2000
        await self.live.set("user.k", f"0 {text}")
        await anext(events)
        for number in range(1, 900):
            await self.live.set("user.k", f"{number} {text}")
        self.assertEqual(self.live.feed.listeners(C1), 0)
        self.assertEqual(
            values(await self.some(events, 899)), [f"{n} {text}" for n in range(1, 900)]
        )

    async def test_gap(self) -> None:
        """Whoever was away for too long is told what is missing."""
        for number in range(1, 1101):
            await self.live.set("user.k", str(number))
        told = await self.some(self.events("", 50), 2)
        self.assertEqual(values(told), [Gap(50, 101), "101"])

    async def test_forbidden(self) -> None:
        """When the API is switched off, there is no more to hear."""
        first = Deferred.fromCoroutine(anext(self.events()))
        await self.listening()
        await self.live.set("security.devlxd", "false")
        with self.assertRaises(Forbidden):
            await first

    async def test_bad(self) -> None:
        """A number that is none is refused."""
        with self.assertRaises(BadRequest):
            await anext(self.events("", -1))
