"""The body of an answer, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.web.client import ResponseDone
from twisted.web.http import PotentialDataLoss
from twisted.web.iweb import IResponse

__all__ = ["Stalled", "Taken", "TooLong", "Unwanted", "collect"]


class TooLong(Exception):
    """The body has more bytes than it may have."""


class Stalled(Exception):
    """Nothing more of the body comes."""


class Unwanted(Protocol):
    """Ends the connection, since nobody has a use for the body."""

    def connectionMade(self) -> None:
        """The body would come now."""
        _end(self)


class Body(Protocol):
    """
    Keeps a body, up to a limit, and ends the connection where it is exceeded.

    :ivar whole: the body; fails as `collect` says.
    """

    def __init__(self, limit: int) -> None:
        self.whole: Deferred[bytes] = Deferred(lambda _: _end(self))
        self._limit = limit
        self._size = 0
        self._parts: list[bytes] = []

    def dataReceived(self, data: bytes) -> None:
        """Keep a part, unless the end is decided already."""
        if self.whole.called:
            return
        self._size += len(data)
        self._parts.append(data)
        if self._size > self._limit:
            self._parts.clear()
            self.whole.errback(TooLong())
            _end(self)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The body is over, for this reason."""
        if self.whole.called:
            return
        # Without a length and without chunks the end of the connection is the end of
        # the body: no service of today does so, but RFC 9112 allows it.
        if reason.check(ResponseDone, PotentialDataLoss):
            self.whole.callback(b"".join(self._parts))
        else:
            self.whole.errback(reason)


class Taken(Protocol):
    """
    Gives a body away as it comes, and ends the connection when none comes for a while.

    :param take: takes a part of it, or raises what is then the end of it.
    :param timeout: seconds without any of it.
    :ivar whole: fires when all has been taken; fails with what that raised, with
        `Stalled`, or as `collect` does.
    """

    def __init__(
        self, take: Callable[[bytes], object], clock: IReactorTime, timeout: float
    ) -> None:
        self.whole: Deferred[None] = Deferred(lambda _: _end(self))
        self._take = take
        self._timeout = timeout
        self._timer = clock.callLater(timeout, self._fail, Stalled())

    def dataReceived(self, data: bytes) -> None:
        """Give a part away, unless the end is decided already."""
        if self.whole.called:
            return
        self._timer.reset(self._timeout)
        try:
            self._take(data)
        except Exception as error:
            self._fail(error)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The body is over, for this reason."""
        if self._timer.active():
            self._timer.cancel()
        if self.whole.called:
            return
        if reason.check(ResponseDone, PotentialDataLoss):
            self.whole.callback(None)
        else:
            self.whole.errback(reason)

    def _fail(self, error: Exception) -> None:
        self.whole.errback(error)
        _end(self)


def collect(response: IResponse, limit: int) -> Deferred[bytes]:
    """
    The body of a response.  Cancelling ends the connection.

    :return: fails with `TooLong`, or with `twisted.web.client.ResponseFailed` when
        the body breaks off.
    """
    body = Body(limit)
    response.deliverBody(body)
    return body.whole


def _end(protocol: Protocol) -> None:
    assert protocol.transport is not None
    protocol.transport.loseConnection()
