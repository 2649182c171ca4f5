"""Tests of devlxd.client.body, without sockets."""

from __future__ import annotations

from typing import cast

from attrs import define, field
from twisted.internet.defer import CancelledError
from twisted.internet.error import ConnectionDone
from twisted.internet.protocol import Protocol
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.client import ResponseDone, ResponseFailed
from twisted.web.iweb import IResponse

from devlxd.client.body import Stalled, Taken, TooLong, Unwanted, collect


@define
class Parts:
    """Delivers these parts of a body, and then, unless it goes on, that it is over."""

    parts: list[bytes]
    reason: Exception | None = field(factory=ResponseDone)
    transport: StringTransport = field(factory=StringTransport)

    def deliverBody(self, protocol: Protocol) -> None:
        """Deliver all at once."""
        protocol.makeConnection(self.transport)
        for part in self.parts:
            protocol.dataReceived(part)
        if self.reason is not None:
            protocol.connectionLost(Failure(self.reason))

    @property
    def response(self) -> IResponse:
        """As much of a response as a collector needs."""
        return cast(IResponse, self)


class CollectTests(SynchronousTestCase):
    """Bodies."""

    def test_parts(self) -> None:
        """A body is the whole of its parts."""
        body = collect(Parts([b"one", b"", b"two"]).response, 6)
        self.assertEqual(self.successResultOf(body), b"onetwo")

    def test_too_long(self) -> None:
        """A body that is too long is not taken, and what still comes is ignored."""
        parts = Parts([b"one", b"two", b"three"])
        self.failureResultOf(collect(parts.response, 5), TooLong)
        self.assertTrue(parts.transport.disconnecting)

    def test_breaks_off(self) -> None:
        """A body that breaks off fails with the reason."""
        broken = ResponseFailed([Failure(ConnectionDone())])
        self.failureResultOf(
            collect(Parts([b"half"], broken).response, 10), ResponseFailed
        )

    def test_cancelled(self) -> None:
        """Who cancels a body ends the connection."""
        parts = Parts([b"half"], None)
        body = collect(parts.response, 10)
        self.assertFalse(parts.transport.disconnecting)
        body.cancel()
        self.failureResultOf(body, CancelledError)
        self.assertTrue(parts.transport.disconnecting)

    def test_unwanted(self) -> None:
        """A body that nobody wants ends the connection as it begins."""
        parts = Parts([b"all"], None)
        parts.deliverBody(Unwanted())
        self.assertTrue(parts.transport.disconnecting)


class TakenTests(SynchronousTestCase):
    """Bodies that are given away as they come."""

    def setUp(self) -> None:
        """Take the first three parts, and refuse the rest."""
        self.clock = Clock()
        self.parts: list[bytes] = []
        self.body = Taken(self.take, self.clock, 10)

    def take(self, data: bytes) -> None:
        """Take a part."""
        if len(self.parts) == 3:
            raise OSError("full")
        self.parts.append(data)

    def test_whole(self) -> None:
        """All parts are taken, in their order, and no timer is left."""
        Parts([b"one", b"two"]).deliverBody(self.body)
        self.successResultOf(self.body.whole)
        self.assertEqual(self.parts, [b"one", b"two"])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_not_taken(self) -> None:
        """What cannot be taken ends it, and what still comes is ignored."""
        parts = Parts([b"one", b"two", b"three", b"four", b"five"])
        parts.deliverBody(self.body)
        self.failureResultOf(self.body.whole, OSError)
        self.assertTrue(parts.transport.disconnecting)
        self.assertEqual(self.parts, [b"one", b"two", b"three"])

    def test_stalled(self) -> None:
        """Nothing for a while ends it; each part begins the time anew."""
        parts = Parts([b"one"], reason=None)
        parts.deliverBody(self.body)
        self.clock.advance(9)
        self.body.dataReceived(b"two")
        self.clock.advance(9)
        self.assertNoResult(self.body.whole)
        self.clock.advance(1)
        self.failureResultOf(self.body.whole, Stalled)
        self.assertTrue(parts.transport.disconnecting)
