"""Follow what scripted services tell, on real sockets."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from typing import Any

from twisted.internet.defer import Deferred

from devlxd.client.events import Event, Told
from devlxd.client.retrying import Backoff
from tests.client.eventservice import Answer, EventService
from tests.client.sockets import SocketTestCase, client_of, later, listening

QUICK = Backoff(0.001, 0.002)
"""Little patience."""


def value(told: Told) -> object:
    """What is of interest: the value of an event."""
    return told.metadata["value"] if isinstance(told, Event) else told


async def until(condition: Callable[[], object]) -> None:
    """Wait for something to be true."""
    while not condition():
        await later(0.001)


class FollowingTestCase(SocketTestCase):
    """Follows what scripted services tell."""

    timeout = 20

    def serve(self, *answers: Answer) -> None:
        """Serve until the end of the test."""
        self.service = EventService.of(*answers)
        self.path = listening(self, self.service.factory())
        self.client = client_of(self.path)

    def events(
        self, since: int | None = None, **settings: Any
    ) -> AsyncGenerator[Told, None]:
        """Events of the service, which are waited for with little patience."""
        events = self.client.events((), since, **{"backoff": QUICK, **settings})
        self.addCleanup(lambda: Deferred.fromCoroutine(events.aclose()))
        return events

    async def values(self, count: int, since: int | None = None) -> list[object]:
        """So many values, or what else one is told."""
        events = self.events(since)
        return [value(await anext(events)) for _ in range(count)]
