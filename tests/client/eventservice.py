"""Services that tell events, as scripts say."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeAlias
from urllib.parse import parse_qs, urlsplit

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure

from tests.client.wire import Making

HEAD = (
    b"HTTP/1.1 200 OK\n"
    b"Connection: keep-alive\n"
    b"Content-Type: application/json\n"
    b"X-Content-Type-Options: nosniff\n"
    b"\n"
)
"""What LXD sends before the events, byte for byte."""

TIME = "2026-11-24T06:29:44.519361032Z"
"""When everything happens."""


def line(kind: str, metadata: dict[str, Any], seq: int | None = None) -> bytes:
    """One message."""
    document: dict[str, Any] = {
        "type": kind,
        "timestamp": TIME,
        "metadata": metadata,
    }
    if seq is not None:
        document["seq"] = seq
    return json.dumps(document, separators=(",", ":")).encode() + b"\n"


def config(value: str, seq: int | None = None) -> bytes:
    """The line of an event of ``user.a``."""
    return line("config", {"key": "user.a", "old_value": "", "value": value}, seq)


def latest(seq: int) -> bytes:
    """The line that says which event was the latest."""
    return line("latest", {}, seq)


def gap(since: int, oldest: int) -> bytes:
    """The line that says that events are lost."""
    return line("gap", {"oldest": oldest, "since": since}, oldest - 1)


class Listener(Protocol):
    """
    One who asked for events.

    :ivar closed: fires when the connection is over.
    """

    def __init__(self, service: EventService) -> None:
        self.closed: Deferred[None] = Deferred()
        self._service = service
        self._request = b""

    def dataReceived(self, data: bytes) -> None:
        """A request, or a part of one."""
        self._request += data
        if self._request.endswith(b"\r\n\r\n"):
            self._service.hear(self, self._request.split()[1].decode())

    def connectionLost(self, _: Failure = connectionDone) -> None:
        """The connection is over."""
        self.closed.callback(None)

    def say(self, *parts: bytes) -> None:
        """Send bytes."""
        assert self.transport is not None
        self.transport.writeSequence(parts)

    def end(self, *parts: bytes) -> None:
        """Send bytes, and close."""
        self.say(*parts)
        assert self.transport is not None
        self.transport.loseConnection()


Answer: TypeAlias = Callable[[Listener], object]
"""What is done when somebody has asked."""


@define(eq=False)
class EventService:
    """
    Gives the answers of a script, one to each request, and the last one to all others.

    :ivar asked: what was asked for.
    :ivar listeners: who asked.
    """

    answers: tuple[Answer, ...]
    asked: list[str] = field(factory=list)
    listeners: list[Listener] = field(factory=list)

    @classmethod
    def of(cls, *answers: Answer) -> EventService:
        """One with these answers."""
        return cls(answers)

    @property
    def since(self) -> list[str]:
        """After which events who asked has asked for."""
        return [parse_qs(urlsplit(target).query)["since"][0] for target in self.asked]

    def factory(self) -> Factory:
        """To listen with."""
        return Making(lambda: Listener(self))

    def hear(self, listener: Listener, target: str) -> None:
        """Answer a request."""
        answer = self.answers[min(len(self.asked), len(self.answers) - 1)]
        self.asked.append(target)
        self.listeners.append(listener)
        answer(listener)


def telling(*lines: bytes) -> Answer:
    """Tells events, and then no more for now."""
    return lambda listener: listener.say(HEAD, *lines)


def ending(*lines: bytes) -> Answer:
    """Tells events, and closes the connection."""
    return lambda listener: listener.end(HEAD, *lines)


def refusing(status: int, text: str = "No") -> Answer:
    """Refuses, as LXD does."""
    body = f"{text}\n".encode()
    head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n\r\n"
    return lambda listener: listener.end(head.encode(), body)
