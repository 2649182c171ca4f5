"""Tests of devlxd.client.lines."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import succeed
from twisted.internet.testing import StringTransport
from twisted.trial.unittest import SynchronousTestCase

from devlxd.client.body import TooLong
from devlxd.client.lines import Lines


class LinesTests(SynchronousTestCase):
    """Lines out of parts."""

    def setUp(self) -> None:
        """Have a connection."""
        self.connect()

    def connect(self, limit: int = 10) -> None:
        """Have a new connection."""
        self.lines = Lines(limit)
        self.transport = StringTransport()
        self.lines.makeConnection(self.transport)

    def receive(self, *parts: bytes) -> None:
        """Have parts come in."""
        for part in parts:
            self.lines.dataReceived(part)

    def taken(self) -> list[bytes]:
        """What is there."""
        return [*self.successResultOf(self.lines.take())]

    def test_whole(self) -> None:
        """All lines that came are taken at once, in order."""
        self.receive(b"a\nb\n", b"\nc\n")
        self.assertEqual(self.taken(), [b"a", b"b", b"", b"c"])
        self.assertNoResult(self.lines.take())

    def test_waiting(self) -> None:
        """Who waits has a line as soon as it is whole."""
        taking = self.lines.take()
        self.receive(b"a", b"b")
        self.assertNoResult(taking)
        self.receive(b"c\nd")
        self.assertEqual(self.successResultOf(taking), [b"abc"])
        self.receive(b"\n")
        self.assertEqual(self.taken(), [b"d"])

    def test_over(self) -> None:
        """What came before the end can be taken, but for a part of a line."""
        self.receive(b"a\nb")
        self.lines.connectionLost()
        self.assertEqual(self.taken(), [b"a"])
        self.assertEqual(self.taken(), [])

    def test_over_waiting(self) -> None:
        """Who waits is told of the end."""
        taking = self.lines.take()
        self.lines.connectionLost()
        self.assertEqual([*self.successResultOf(taking)], [])

    def test_pace(self) -> None:
        """While nobody takes what came, nothing more is read."""
        self.receive(b"a")
        self.assertEqual(self.transport.producerState, "producing")
        self.receive(b"\n")
        self.assertEqual(self.transport.producerState, "paused")
        self.receive(b"b\n")
        self.assertEqual(self.taken(), [b"a", b"b"])
        self.assertEqual(self.transport.producerState, "paused")
        taking = self.lines.take()
        self.assertEqual(self.transport.producerState, "producing")
        self.receive(b"c\n")
        self.assertEqual(self.successResultOf(taking), [b"c"])
        self.assertEqual(self.transport.producerState, "producing")

    def test_bound(self) -> None:
        """A line may be as long as its bound says, and what came before it counts."""
        self.receive(b"a\n" + b"x" * 10)
        self.assertFalse(self.transport.disconnecting)
        self.receive(b"x")
        self.assertTrue(self.transport.disconnecting)
        self.assertEqual(self.taken(), [b"a"])
        self.failureResultOf(self.lines.take(), TooLong)

    def test_bound_waiting(self) -> None:
        """Who waits for a line is told that it is too long."""
        taking = self.lines.take()
        self.receive(b"x" * 11)
        self.failureResultOf(taking, TooLong)

    def test_stop(self) -> None:
        """The connection can be ended while it is there."""
        self.lines.stop()
        self.assertTrue(self.transport.disconnecting)
        self.connect()
        self.lines.connectionLost()
        self.lines.stop()
        self.assertFalse(self.transport.disconnecting)

    @given(st.lists(st.binary()), st.integers())
    def test_anywhere(self, parts: list[bytes], pattern: int) -> None:
        """However bytes are divided, and whenever one asks, the lines are the same."""
        whole = b"".join(parts)
        self.connect(len(whole))
        taken: list[bytes] = []
        taking = succeed(None)
        for number, part in enumerate(parts):
            if pattern >> number & 1 and taking.called:
                taking = self.lines.take().addCallback(taken.extend)
            self.receive(part)
        self.lines.connectionLost()
        taken += self.taken()
        self.assertEqual(taken, whole.split(b"\n")[:-1])
