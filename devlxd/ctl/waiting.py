"""Commands that go on until something happens."""

from __future__ import annotations

from argparse import Namespace
from contextlib import aclosing
from typing import NoReturn

from twisted.internet.defer import Deferred

from devlxd.client.failures import TimedOut
from devlxd.client.retrying import Backoff, Retries
from devlxd.ctl.desk import Desk, said
from devlxd.ctl.host import HostClient
from devlxd.ctl.hostevents import HostEvent, event_line
from devlxd.ctl.things import INSTANCE, named

__all__ = ["monitor", "wait"]

READY = "Ready"


class NotReady(TimedOut):
    """An instance was not ready in time; for once it is not the socket's fault."""

    sentence = "{where} is not ready after {problem} s"
    advice = ""


def retries(desk: Desk, give_up_after: float | None = None) -> Retries:
    """
    Waits for a service that is away, and says so.

    :param give_up_after: seconds; ``None`` for never.
    """

    def notice(failure: Exception) -> None:
        desk.output.note(f"{said(failure)} (trying again)")

    return Retries(desk.reactor, Backoff(), give_up_after, notice)


async def monitor(client: HostClient, options: Namespace, desk: Desk) -> None:
    """``monitor``"""
    heard = client.events(retries(desk), options.types, options.all_projects)
    async with aclosing(heard):
        async for event in heard:
            if event is not None:
                desk.output.happened(event.document, _lines(event))


def _lines(event: HostEvent) -> list[str]:
    return [event_line(event)]


async def wait(client: HostClient, options: Namespace, desk: Desk) -> None:
    """``wait NAME --ready``"""
    # What is not there is told at once, and not waited for.
    await client.get(INSTANCE, options.name)
    waiting = Deferred.fromCoroutine(_until_ready(client, options.name, desk))
    if desk.patience is not None:

        def late(_: object, timeout: float) -> NoReturn:
            raise NotReady(options.name, f"{timeout:g}")

        waiting.addTimeout(desk.patience, desk.reactor, late)
    await waiting
    desk.output.done({"name": options.name, "status": READY})


async def _until_ready(client: HostClient, name: str, desk: Desk) -> None:
    heard = client.events(retries(desk), ("lifecycle",))
    async with aclosing(heard):
        async for event in heard:
            # Looked at once they can be heard, so that nothing is missed between.
            if event is None or named(INSTANCE, _source(event)) == (
                client.project,
                name,
            ):
                found = await client.get(INSTANCE, name)
                if found.word("status") == READY:
                    return


def _source(event: HostEvent) -> str:
    return str(event.metadata.get("source") or "")
