"""
What happens on a host: JSON objects, one a line.

``{"type": "lifecycle", "timestamp": "...", "metadata": {"action": "instance-ready",
"source": "/1.0/instances/c1"}, "project": "default"}``, and others.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from typing import Any

from attrs import frozen

from devlxd.client.documents import mapping, text
from devlxd.client.escapes import printable
from devlxd.client.eventlines import WIDTH, cut, to_the_second
from devlxd.client.exchange import Exchange
from devlxd.client.failures import ServiceFailure, StreamEnded
from devlxd.client.following import opened, taken
from devlxd.client.retrying import Retries
from devlxd.errors import Refusal

__all__ = ["TYPES", "HostEvent", "event_line", "follow", "host_event"]

TYPES = ("lifecycle", "logging", "operation")
"""All types of events that a host may have."""


@frozen
class HostEvent:
    """
    One thing that happened.

    :ivar document: all that the host said.
    """

    type: str
    timestamp: str
    metadata: Mapping[str, Any]
    project: str
    document: Mapping[str, Any]


def host_event(line: bytes) -> HostEvent:
    """
    What a line says.

    :raises ValueError: when it is not what the API says.
    """
    told = mapping(json.loads(line))
    return HostEvent(
        text(told.get("type")),
        text(told.get("timestamp")),
        mapping(told.get("metadata")),
        str(told.get("project") or ""),
        told,
    )


def event_line(event: HostEvent) -> str:
    """When it happened, to the second, and what, on 80 columns."""
    match event.type, event.metadata:
        case "lifecycle", {"action": str(action), "source": str(source)}:
            said = f"{action} {source}"
        case "operation", {"description": str(what), "status": str(status)}:
            said = f"operation {what}: {status}"
        case "logging", {"level": str(level), "message": str(message)}:
            said = f"{level}: {message}"
        case _:
            said = f"{event.type} {json.dumps(event.metadata)}"
    head = printable(to_the_second(event.timestamp)) + " "
    return head + cut(printable(said), WIDTH - len(head))


async def follow(
    exchange: Exchange, target: str, retries: Retries
) -> AsyncGenerator[HostEvent | None, None]:
    """
    What happens, and ``None`` each time that it begins to be told.

    :raises Refusal: when the service refuses for good.
    :raises ServiceFailure: when the retries are over, or can be of no use.
    """
    while True:
        try:
            lines = await opened(exchange, target)
        except (Refusal, ServiceFailure) as failure:
            await retries.wait(failure)
            continue
        retries.connected()
        try:
            yield None
            while some := await taken(exchange, target, lines):
                retries.served()
                for line in some:
                    yield _understood(exchange, target, line)
        finally:
            lines.stop()
        await retries.wait(StreamEnded(exchange.where))


def _understood(exchange: Exchange, target: str, line: bytes) -> HostEvent:
    try:
        return host_event(line)
    except (ValueError, RecursionError) as error:
        raise exchange.bad("GET", target, f"another event ({error})") from error
