"""
Every way to get no answer that can be used, one class each.

The text of a failure is one line, which names the socket and says what to do.  That
the service says no is no failure but a `devlxd.errors.Refusal`; one more is here.
"""

from __future__ import annotations

from typing import ClassVar

from devlxd.errors import Refusal

__all__ = [
    "BadAnswer",
    "ConnectionLost",
    "ConnectionRefused",
    "NoService",
    "NoSocket",
    "NotASocket",
    "NotPermitted",
    "PathTooLong",
    "Refused",
    "ServiceFailure",
    "StreamEnded",
    "TimedOut",
]


class ServiceFailure(Exception):
    """
    The service gave no answer that can be used.

    :ivar where: the path of the socket.
    :ivar fact: what has happened.
    :ivar advice: what to do, for who asks in a guest; empty if there is nothing.
    """

    sentence: ClassVar[str] = "{where}: {problem}"
    advice: ClassVar[str] = ""

    def __init__(self, where: str, problem: str = "") -> None:
        self.where = where
        self.fact = self.sentence.format(where=where, problem=problem)
        super().__init__("; ".join(filter(None, (self.fact, self.advice))))


class NoService(ServiceFailure):
    """Nothing can be reached at this path, for a reason that the system gives."""

    sentence = "{where}: cannot connect: {problem}"


class NoSocket(NoService):
    """There is no such file."""

    sentence = "{where}: no such socket"
    advice = "is this an instance, and does its host share the socket?"


class NotASocket(NoService):
    """What is there is not a socket that a service could listen on."""

    sentence = "{where}: not a stream socket"
    advice = "give the path of the service's socket"


class PathTooLong(NoService):
    """No socket can have this path."""

    sentence = "{where}: cannot connect: the path has more than {problem} bytes"


class ConnectionRefused(NoService):
    """The socket is there, and nobody listens on it."""

    sentence = "{where}: nobody listens"
    advice = "is the service on the host running?"


class NotPermitted(ServiceFailure):
    """This process may not use the socket."""

    sentence = "{where}: permission denied"
    advice = "ask as the root of the instance"


class TimedOut(ServiceFailure):
    """The answer was not complete in time."""

    sentence = "{where}: no answer within {problem} s"
    advice = "ask again, or allow more time"


class ConnectionLost(ServiceFailure):
    """The service closed the connection before the answer was complete."""

    sentence = "{where}: the service closed the connection early"
    advice = "ask again"


class StreamEnded(ConnectionLost):
    """The service closed the connection on which it told events."""

    sentence = "{where}: the service closed the connection"
    advice = ""


class BadAnswer(ServiceFailure):
    """The answer is not what the API says; the service is another, or broken."""

    sentence = "{where}: {problem}"
    advice = "is it LXD's guest API that listens there?"


class Refused(Refusal):
    """The service said no, with a status for which there is no class of its own."""

    def __init__(self, status: int, text: str | None) -> None:
        super().__init__(text or f"The service answered with status {status}")
        self.status = status
