"""What listens on a socket and does not speak the API, byte by byte."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress, IConsumer, IPullProducer
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

OK = b"HTTP/1.1 200 OK\r\n"
"""The first line of a good answer."""


class Saying(Protocol):
    """Answers any request with these bytes."""

    def __init__(self, answer: bytes, close: bool) -> None:
        self.answer = answer
        self.close = close

    def dataReceived(self, _: bytes) -> None:
        """A request, which nobody reads."""
        assert self.transport is not None
        self.transport.write(self.answer)
        if self.close:
            self.transport.loseConnection()


def saying(answer: bytes, close: bool = True) -> Factory:
    """
    Says the same to everyone.

    :param close: whether it then closes the connection.
    """
    return Making(lambda: Saying(answer, close))


def silent() -> Factory:
    """Accepts, and says nothing."""
    return saying(b"", close=False)


class Making(Factory):
    """A factory of protocols, out of any callable."""

    noisy = False

    def __init__(self, make: Callable[[], Protocol]) -> None:
        self.make = make

    def buildProtocol(self, addr: IAddress | None) -> Protocol:
        """One for a connection."""
        return self.make()


@define
class Tally:
    """
    What happened to an `Endless` answer.

    :ivar sent: how many bytes of it were sent.
    :ivar asked: fires when the request has come.
    :ivar ended: fires when the connection was closed on it.
    """

    sent: int = 0
    asked: Deferred[None] = field(factory=Deferred)
    ended: Deferred[None] = field(factory=Deferred)


@implementer(IPullProducer)
class Endless(Protocol):
    """Sends a head, and then the same as fast as it is read."""

    def __init__(self, tally: Tally, head: bytes, part: bytes) -> None:
        self.tally = tally
        self.head = head
        self.part = part

    def dataReceived(self, _: bytes) -> None:
        """A request."""
        assert self.transport is not None
        self.transport.write(self.head)
        cast(IConsumer, self.transport).registerProducer(self, False)
        self.tally.asked.callback(None)

    def resumeProducing(self) -> None:
        """There is room for more."""
        assert self.transport is not None
        self.tally.sent += len(self.part)
        self.transport.write(self.part)

    def stopProducing(self) -> None:
        """The connection is over."""

    def connectionLost(self, _: Failure = connectionDone) -> None:
        """The connection is over."""
        self.tally.ended.callback(None)


def endless(tally: Tally, head: bytes, part: bytes) -> Factory:
    """Sends without end."""
    return Making(lambda: Endless(tally, head, part))
