"""Tests of devlxd.client.following: what one is told, and until when."""

from __future__ import annotations

import contextlib
from typing import Any

from twisted.internet.defer import CancelledError, Deferred

from devlxd.client.events import Gap
from devlxd.errors import (
    NotImplementedHere,
)
from tests.client.eventservice import (
    HEAD,
    config,
    ending,
    gap,
    latest,
    refusing,
    telling,
)
from tests.client.following import FollowingTestCase, until, value
from tests.client.sockets import (
    client_of,
    later,
    listening,
)
from tests.client.wire import Tally, endless


class NumberedTests(FollowingTestCase):
    """A service that keeps events."""

    async def test_from_now_on(self) -> None:
        """Without a number one hears what happens once the service is there."""
        self.serve(telling(latest(7), config("a", 8), config("b", 9)))
        self.assertEqual(await self.values(2), ["a", "b"])
        self.assertEqual(self.service.asked, ["/1.0/events?since=latest"])

    async def test_since(self) -> None:
        """With a number one hears what happened after that."""
        self.serve(telling(config("a", 8)))
        events = self.client.events(["config", "device"], since=7)
        self.assertEqual(value(await anext(events)), "a")
        await events.aclose()
        self.assertEqual(
            self.service.asked, ["/1.0/events?type=config%2Cdevice&since=7"]
        )

    async def test_resumed(self) -> None:
        """After an interruption one goes on after the last event, or where one was."""
        self.serve(
            ending(),
            ending(latest(7)),
            ending(config("a", 8), config("b", 9)),
            ending(),
            telling(config("c", 10)),
        )
        self.assertEqual(await self.values(3), ["a", "b", "c"])
        self.assertEqual(self.service.since, ["latest", "latest", "7", "9", "9"])

    async def test_repeated(self) -> None:
        """What a service tells again is not told again."""
        self.serve(
            ending(config("a", 1), config("b", 2)),
            telling(config("a", 1), config("b", 2), config("c", 3)),
        )
        self.assertEqual(await self.values(3, 0), ["a", "b", "c"])

    async def test_gap(self) -> None:
        """What is lost is told as such, and the rest follows."""
        self.serve(
            ending(config("a", 1)), telling(gap(1, 6), config("b", 6)), telling()
        )
        self.assertEqual(await self.values(3, 0), ["a", Gap(1, 6), "b"])

    async def test_anywhere(self) -> None:
        """Wherever a connection breaks, each event comes once."""
        kept = [config(str(number), number) for number in range(1, 4)]
        everything = b"".join([HEAD, *kept])
        for size in range(len(everything)):

            def broken(listener: Any, size: int = size) -> None:
                listener.end(everything[:size])

            def rest(listener: Any) -> None:
                listener.say(HEAD, *kept[int(self.service.since[-1]) :])

            self.serve(broken, rest)
            self.assertEqual(await self.values(3, 0), ["1", "2", "3"], size)


class UnnumberedTests(FollowingTestCase):
    """LXD, which keeps none."""

    async def test_live(self) -> None:
        """Events come as they happen, without a number."""
        self.serve(telling(config("a"), config("a")))
        events = self.events()
        told = [await anext(events) for _ in range(2)]
        self.assertEqual([told.seq for told in told], [None, None])

    async def test_interrupted(self) -> None:
        """After each interruption one is told that some may be missing."""
        self.serve(ending(config("a")), ending(), telling(config("b"), config("c")))
        self.assertEqual(await self.values(4), ["a", Gap(None, None), "b", "c"])
        self.assertEqual(self.service.since, ["latest"] * 3)

    async def test_since(self) -> None:
        """Who asks for the past is told that there is none."""
        self.serve(telling(config("a")))
        self.assertEqual(await self.values(2, 5), [Gap(5, None), "a"])

    async def test_old(self) -> None:
        """LXD 5.0, which has WebSockets only, is said to be too old."""
        self.serve(refusing(400, "Bad Request\ninternal server error"))
        self.assertEqual(
            await self.complaint(anext(self.events()), NotImplementedHere),
            "The service is too old to stream events",
        )


class EndTests(FollowingTestCase):
    """The reader has enough."""

    async def test_closed(self) -> None:
        """Closing ends the connection."""
        self.serve(telling(config("a"), config("b")))
        events = self.events()
        await anext(events)
        await events.aclose()
        await self.service.listeners[0].closed
        with self.assertRaises(StopAsyncIteration):
            await anext(events)

    async def test_cancelled(self) -> None:
        """Cancelling who waits for an event ends the connection."""
        self.serve(telling())
        events = self.events()
        first = Deferred.fromCoroutine(anext(events))
        await until(lambda: self.service.listeners)
        await later(0.01)
        first.cancel()
        with contextlib.suppress(CancelledError):
            await first
        await self.service.listeners[0].closed
        with self.assertRaises(StopAsyncIteration):
            await anext(events)

    async def test_cancelled_early(self) -> None:
        """Cancelling who waits for an answer ends the connection."""
        self.serve(lambda _: None)
        first = Deferred.fromCoroutine(anext(self.events()))
        await until(lambda: self.service.listeners)
        first.cancel()
        with self.assertRaises(CancelledError):
            await first
        await self.service.listeners[0].closed

    async def test_dropped(self) -> None:
        """Who just leaves the loop ends the connection, too."""
        self.serve(telling(config("a")))
        async for _ in self.client.events():
            break
        await self.service.listeners[0].closed

    async def test_pace(self) -> None:
        """While nobody asks for the next event, none is read."""
        tally = Tally()
        path = listening(self, endless(tally, HEAD, config("x" * 1000) * 10))
        self.client = client_of(path)
        events = self.events()
        for _ in range(20):
            await anext(events)
        await later(0.05)
        sent = tally.sent
        await later(0.05)
        self.assertEqual(tally.sent, sent)
        self.assertLess(sent, 2_000_000)
        for _ in range(5000):
            await anext(events)
        self.assertGreater(tally.sent, 5_000_000)
        await events.aclose()
        await tally.ended
