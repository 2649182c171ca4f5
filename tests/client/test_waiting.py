"""Tests of devlxd.client.following, where the service fails."""

from __future__ import annotations

import os
from typing import Any

from twisted.internet import reactor
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import Clock

from devlxd.client.connection import http_through
from devlxd.client.events import Gap, Told
from devlxd.client.failures import (
    BadAnswer,
    ConnectionLost,
    NoSocket,
    NotASocket,
    NotPermitted,
    PathTooLong,
    Refused,
    StreamEnded,
    TimedOut,
)
from devlxd.client.guest import GuestClient
from devlxd.errors import (
    BadRequest,
    Forbidden,
    NotFound,
    NotImplementedHere,
    Unauthorized,
)
from tests.client.eventservice import (
    EventService,
    config,
    ending,
    refusing,
    telling,
)
from tests.client.following import FollowingTestCase, until, value
from tests.client.sockets import (
    be_nobody,
    client_of,
    directory,
    later,
    listening,
)
from tests.client.wire import silent

_reactor: Any = reactor


class FailureTests(FollowingTestCase):
    """The service fails."""

    async def test_final(self) -> None:
        """A refusal for a reason ends it, at first and later."""
        for status, kind in (
            *((400, BadRequest), (401, Unauthorized), (403, Forbidden)),
            *((404, NotFound), (501, NotImplementedHere), (418, Refused)),
            (302, BadAnswer),
        ):
            for before in ([], [ending(config("a"))]):
                self.serve(*before, refusing(status))
                events = self.events()
                for _ in before:
                    await anext(events)
                await self.complaint(anext(events), kind)
                with self.assertRaises(StopAsyncIteration):
                    await anext(events)

    async def test_temporary(self) -> None:
        """A service that is not ready is asked again."""
        self.serve(
            refusing(500),
            refusing(503),
            lambda listener: listener.end(b"HTTP/1.1 200"),
            telling(config("a")),
        )
        self.assertEqual(await self.values(1), ["a"])
        self.assertEqual(len(self.service.asked), 4)

    async def test_nonsense(self) -> None:
        """What is no event ends it, after what came before."""
        self.serve(telling(config("a"), b"nonsense\n"))
        events = self.events()
        self.assertEqual(value(await anext(events)), "a")
        self.assertIn(
            "GET /1.0/events?since=latest was answered with another event (",
            await self.complaint(anext(events), BadAnswer),
        )
        await self.service.listeners[0].closed

    async def test_no_http(self) -> None:
        """What is not HTTP ends it."""
        self.serve(lambda listener: listener.say(b"SSH-2.0\r\n"))
        await self.complaint(anext(self.events()), BadAnswer)

    async def test_long(self) -> None:
        """A line that exceeds the bound ends it."""
        self.serve(telling(config("x" * 1000)[:-1]))
        self.client = GuestClient.connect(_reactor, self.path, limit=500)
        self.assertIn(
            "with a line of more than 500 bytes",
            await self.complaint(anext(self.events()), BadAnswer),
        )

    async def test_no_socket(self) -> None:
        """A service that is not there yet is waited for."""
        path = f"{directory(self)}/sock"
        self.client = client_of(path)
        noticed: list[Exception] = []
        first = Deferred.fromCoroutine(anext(self.events(notice=noticed.append)))
        await until(lambda: noticed)
        self.assertIs(type(noticed[0]), NoSocket)
        service = EventService.of(telling(config("a")))
        port = _reactor.listenUNIX(path, service.factory())
        self.addCleanup(port.stopListening)
        self.assertEqual(value(await first), "a")

    async def test_never(self) -> None:
        """Where there can be no service, none is waited for."""
        for path, kind in ((__file__, NotASocket), ("/" + "x" * 200, PathTooLong)):
            self.client = client_of(path)
            await self.complaint(anext(self.events()), kind)

    async def test_not_permitted(self) -> None:
        """Who may not connect ends; who might before waits."""
        user = os.geteuid()
        self.serve(ending(config("a")), telling(config("b")))
        events = self.events()
        await anext(events)
        os.chmod(self.path, 0)  # noqa: PTH101
        be_nobody(self)
        await self.complaint(anext(self.events()), NotPermitted)
        second = Deferred.fromCoroutine(anext(events))
        await later(0.05)
        os.seteuid(user)
        os.chmod(self.path, 0o600)  # noqa: PTH101
        self.assertEqual(await second, Gap(None, None))

    async def test_give_up(self) -> None:
        """When patience is over, the last failure is raised."""
        self.serve(ending(config("a")))
        events = self.events(give_up_after=0)
        await anext(events)
        self.assertEqual(
            await self.complaint(anext(events), StreamEnded),
            f"{self.path}: the service closed the connection",
        )
        self.assertTrue(issubclass(StreamEnded, ConnectionLost))

    async def test_silent(self) -> None:
        """A service that does not answer in time is asked again."""
        clock = Clock()
        path = listening(self, silent())
        http = http_through(_reactor, path)
        self.client = GuestClient.using(http, clock, 10.0, where=path)
        noticed: list[Exception] = []
        events = self.events(notice=noticed.append)
        first = Deferred.fromCoroutine(anext(events))
        await later(0.01)
        clock.advance(10)
        await until(lambda: noticed)
        self.assertIs(type(noticed[0]), TimedOut)
        first.cancel()
        await self.complaint(self.awaited(first), CancelledError)
        self.assertEqual(clock.getDelayedCalls(), [])

    async def test_quiet(self) -> None:
        """A service may be silent for ever, once it has answered."""
        clock = Clock()
        self.serve(telling())
        http = http_through(_reactor, self.path)
        self.client = GuestClient.using(http, clock, 10.0, where=self.path)
        first = Deferred.fromCoroutine(anext(self.events()))
        await until(lambda: self.service.listeners and not clock.getDelayedCalls())
        clock.advance(10_000)
        self.service.listeners[0].say(config("a"))
        self.assertEqual(value(await first), "a")

    async def awaited(self, deferred: Deferred[Told]) -> Told:
        """The result, as a coroutine."""
        return await deferred
