"""Connections that go to the kernel less often."""

from __future__ import annotations

import os
import socket
from array import array
from pathlib import Path
from typing import Any

from twisted.internet.error import ConnectionLost
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from devlxd.web.readiness import Readiness
from tests.web.pairs import Pair, Watching

LARGE = b"x" * (8 << 20)


def echo(transport: Any, data: bytes) -> None:
    """Send back what came."""
    transport.write(data)


def echo_once(transport: Any, data: bytes) -> None:
    """Send back what came, and close."""
    transport.write(data)
    transport.loseConnection()


class PairCase(SynchronousTestCase):
    """A reactor that does nothing unless it is told to."""

    def setUp(self) -> None:
        """Make it."""
        self.reactor = Watching()
        self.readiness = Readiness(self.reactor)
        self.pairs: list[Pair] = []

    def tearDown(self) -> None:
        """Close everything."""
        for pair in self.pairs:
            pair.peer.close()
        self.reactor.go_on()
        self.assertEqual(self.reactor.readers, [])

    def pair(self, acts: Any = None, sent: bytes = b"") -> Pair:
        """A connection that was just accepted."""
        pair = Pair(self.readiness, acts, sent)
        self.pairs.append(pair)
        return pair


class AcceptedTests(PairCase):
    """What happens before the reactor knows of a connection."""

    def test_at_once(self) -> None:
        """What was sent already is read, answered and closed behind."""
        pair = self.pair(echo_once, b"hello")
        self.assertEqual(pair.taken(), b"hello.")
        self.assertEqual(pair.talk.said, [b"hello", "ConnectionDone"])
        self.assertEqual(self.reactor.readers, [])

    def test_nothing_yet(self) -> None:
        """What is sent later is read later."""
        pair = self.pair(echo)
        pair.peer.sendall(b"hello")
        self.assertEqual(pair.talk.said, [])
        self.reactor.go_on()
        self.assertEqual(pair.taken(), b"hello")

    def test_gone(self) -> None:
        """A peer that is gone already is found out, after what it has sent."""
        pair = self.pair(sent=b"hello")
        pair.peer.close()
        self.reactor.go_on()
        self.assertEqual(pair.talk.said, [b"hello", "no more", "ConnectionLost"])

    def test_paused(self) -> None:
        """Nothing more is read once the protocol wants nothing more."""
        pair = self.pair(lambda transport, data: transport.pauseProducing(), b"a")
        pair.peer.sendall(b"b")
        self.reactor.go_on()
        self.assertEqual(pair.talk.said, [b"a"])
        pair.transport.resumeProducing()
        self.reactor.go_on()
        self.assertEqual(pair.talk.said, [b"a", b"b"])
        pair.transport.abortConnection()


class WritingTests(PairCase):
    """Writing and closing."""

    def test_at_once(self) -> None:
        """What the peer can take is there without the reactor's help."""
        pair = self.pair()
        pair.transport.write(b"")
        pair.transport.write(b"hello")
        pair.transport.writeSequence([b"a", b"b"])
        self.assertEqual(pair.taken(), b"hello")
        self.reactor.go_on()
        self.assertEqual(pair.taken(), b"ab")

    def test_rest(self) -> None:
        """What it cannot take comes later, in order."""
        pair = self.pair()
        pair.transport.write(LARGE)
        pair.transport.write(b"end")
        received = b""
        while len(received) < len(LARGE) + 3:
            received += pair.taken()
            self.reactor.go_on()
        self.assertEqual(received, LARGE + b"end")

    def test_close_with_rest(self) -> None:
        """A connection is closed when all was taken."""
        pair = self.pair(
            lambda transport, _: (transport.write(LARGE), transport.loseConnection()),
            b"go",
        )
        received = b""
        while not received.endswith(b"."):
            received += pair.taken()
            self.reactor.go_on()
        self.assertEqual(received, LARGE + b".")
        self.assertEqual(pair.talk.said, [b"go", "ConnectionDone"])

    def test_closing(self) -> None:
        """A protocol that has closed is told that it is closing, and may still write,
        however much."""
        for last in (b"last", LARGE):
            pair = self.pair(
                lambda transport, _, last=last: (
                    transport.loseConnection(),
                    self.assertTrue(transport.disconnecting),
                    transport.write(last),
                ),
                b"go",
            )
            received = b""
            while not received.endswith(b"."):
                received += pair.taken()
                self.reactor.go_on()
            self.assertEqual(received, last + b".")

    def test_producer(self) -> None:
        """A connection whose producer has not ended is not closed."""

        def act(transport: Any, data: bytes) -> None:
            transport.registerProducer(pairs[0], True)
            transport.loseConnection()

        class Producer:
            def stopProducing(self) -> None:
                """This has ended."""

        pairs = [Producer()]
        pair = self.pair(act, b"go")
        self.assertEqual(pair.taken(), b"")
        pair.transport.unregisterProducer()
        self.reactor.go_on()
        self.assertEqual(pair.taken(), b".")

    def test_close_outside(self) -> None:
        """A connection can be closed at any time."""
        pair = self.pair()
        pair.transport.write(b"bye")
        pair.transport.loseConnection()
        self.reactor.go_on()
        self.assertEqual(pair.taken(), b"bye.")

    def test_nobody(self) -> None:
        """Writing to a peer that is gone ends the connection, in its time."""
        pair = self.pair()
        pair.transport.pauseProducing()
        pair.peer.close()
        pair.transport.write(b"hello")
        self.assertEqual(pair.talk.said, [])
        self.reactor.go_on()
        self.assertEqual(pair.talk.said, ["ConnectionLost"])
        pair.transport.write(b"hello")

    def test_descriptors(self) -> None:
        """Descriptors that come are nowhere."""
        pair = self.pair(echo)
        before = len(list(Path("/proc/self/fd").iterdir()))
        for _ in range(5):
            rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array("i", [0]))
            pair.peer.sendmsg([b"x"], [rights])
        self.reactor.go_on()
        self.assertEqual(pair.taken(), b"x" * 5)
        self.assertEqual(len(list(Path("/proc/self/fd").iterdir())), before)


class ReadinessTests(PairCase):
    """Who is ready."""

    def test_watched(self) -> None:
        """The reactor watches one descriptor as long as there are connections."""
        self.assertEqual(self.reactor.readers, [])
        first, second = self.pair(), self.pair()
        self.assertEqual(self.reactor.readers, [self.readiness])
        self.assertEqual(self.readiness.logPrefix(), "connections")
        os.fstat(self.readiness.fileno())
        for pair in (first, second):
            pair.transport.abortConnection()
            self.reactor.go_on()
        self.assertEqual(self.reactor.readers, [])
        self.assertEqual(first.talk.said, ["ConnectionAborted"])

    def test_fault(self) -> None:
        """A protocol that fails loses its connection, and no other does."""

        def fail(transport: Any, data: bytes) -> None:
            raise ValueError

        broken, whole = self.pair(fail), self.pair(echo)
        for pair in (broken, whole):
            pair.peer.sendall(b"x")
        self.reactor.go_on()
        self.assertEqual(broken.talk.said, [b"x", "ValueError"])
        self.assertEqual(whole.taken(), b"x")
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)

    def test_half_closed(self) -> None:
        """A peer that sends no more is still answered."""
        pair = self.pair(echo)
        pair.peer.sendall(b"x")
        pair.peer.shutdown(socket.SHUT_WR)
        self.reactor.go_on()
        self.assertEqual(pair.taken(), b"x.")
        self.assertEqual(pair.talk.said, [b"x", "no more", "ConnectionDone"])

    def test_reset(self) -> None:
        """A peer that closes without reading has lost the connection."""
        pair = self.pair()
        pair.transport.write(b"unread")
        pair.peer.close()
        self.reactor.go_on()
        self.assertEqual(pair.talk.said, ["ConnectionLost"])

    def test_ended_meanwhile(self) -> None:
        """What was ready is left alone once another one has ended it."""
        pairs: list[Pair] = []

        def end_others(transport: Any, data: bytes) -> None:
            for pair in pairs:
                if pair.transport is not transport:
                    pair.transport.abortConnection()

        pairs += [self.pair(end_others) for _ in range(2)]
        for pair in pairs:
            pair.peer.sendall(b"x")
        self.reactor.go_on()
        heard = [pair.talk.said for pair in pairs]
        self.assertIn(["ConnectionAborted"], heard)
        self.assertIn([b"x"], heard)

    def test_end(self) -> None:
        """The end of the reactor is the end of all connections."""
        pairs = [self.pair() for _ in range(2)]
        self.readiness.connectionLost(Failure(ConnectionLost()))
        self.assertEqual([pair.talk.said for pair in pairs], [["ConnectionLost"]] * 2)
