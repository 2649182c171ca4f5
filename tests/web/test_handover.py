"""Connections that are given to another protocol."""

from __future__ import annotations

from twisted.internet.error import ConnectionAborted, ConnectionDone, ConnectionLost
from twisted.trial.unittest import SynchronousTestCase

from tests.web.case import GET, request
from tests.web.wire import READ_SIZE, Wire
from tests.web.world import Other, World

OTHER = request("/other")


class Pausable:
    """A producer that knows whether it may write."""

    writes = True

    def pauseProducing(self) -> None:
        """Write no more."""
        self.writes = False

    def resumeProducing(self) -> None:
        """Write again."""
        self.writes = True

    def stopProducing(self) -> None:
        """Write never again."""
        self.writes = False


class HandoverTests(SynchronousTestCase):
    """What happens to a connection that leaves HTTP behind."""

    def setUp(self) -> None:
        """Make a site."""
        self.world = World()

    def given(self, sent: bytes = OTHER, reads: bool = True) -> tuple[Wire, Other]:
        """A connection that was given away, and the protocol that has it."""
        wire = self.world.connect(reads)
        wire.send(sent)
        return wire, self.world.others[-1]

    def test_bytes(self) -> None:
        """Bytes go to the protocol and come from it, as they are."""
        wire, other = self.given()
        wire.send(GET)
        other.transport.writeSequence([b"a", b"b"])
        wire.go_on()
        self.assertEqual((other.received, wire.received), (GET, b"welcome\nab"))
        self.assertEqual(self.world.begun, [])

    def test_head(self) -> None:
        """To ask for the head alone gives nothing away: there is none by itself."""
        wire = self.world.connect()
        wire.send(request("/other", "HEAD") + GET)
        head, rest = wire.received.split(b"\r\n\r\n", 1)
        self.assertTrue(head.startswith(b"HTTP/1.1 501 Not Implemented\r\n"), head)
        self.assertTrue(rest.startswith(b"HTTP/1.1 200 OK\r\n"), rest)
        self.assertEqual(self.world.others[0].events, [])

    def test_addresses(self) -> None:
        """The protocol may ask who is at the other end."""
        wire, other = self.given()
        self.assertIs(other.transport.getPeer(), wire.getPeer())
        self.assertIs(other.transport.getHost(), wire.getHost())

    def test_buffered(self) -> None:
        """What was read with the request is nobody's."""
        wire, other = self.given(OTHER + GET * 100)
        self.assertEqual((other.events, wire.received), ([], b"welcome\n"))
        wire.send(b"x")
        self.assertEqual(other.received, b"x")

    def test_bursts(self) -> None:
        """Other protocols read, and are paused, by larger pieces than requests are."""
        before = self.world.connect().bufferSize
        wire, _ = self.given()
        self.assertEqual((before, wire.bufferSize), (4096, 65536))

    def test_after_answers(self) -> None:
        """It comes behind the answers to earlier requests."""
        wire, _ = self.given(GET + OTHER)
        self.assertTrue(wire.received.startswith(b"HTTP/1.1 200 OK"))
        self.assertTrue(wire.received.endswith(b'["caller"]\nwelcome\n'))

    def test_time(self) -> None:
        """It may last."""
        wire, _ = self.given()
        wire.wait(600)
        self.assertIsNone(wire.end)

    def test_half_closed(self) -> None:
        """The protocol is told when the peer sends no more, and decides."""
        wire, other = self.given()
        wire.send_no_more()
        self.assertEqual((other.events, wire.end), (["no more"], None))
        other.transport.loseConnection()
        wire.go_on()
        self.assertEqual(other.events, ["no more", "ConnectionDone"])

    def test_gone(self) -> None:
        """The protocol is told when the peer is gone."""
        wire, other = self.given()
        wire.vanish()
        self.assertEqual(other.events, [ConnectionLost.__name__])
        self.assertEqual(self.world.door.inside, [])

    def test_close(self) -> None:
        """The protocol closes the connection when all is read."""
        wire, other = self.given(reads=False)
        other.transport.write(b"bye\n")
        for _ in range(2):
            other.transport.loseConnection()
        wire.wait(14)
        wire.read_on()
        self.assertEqual(wire.received, b"welcome\nbye\n")
        self.assertEqual(wire.end, ConnectionDone)

    def test_close_unread(self) -> None:
        """A peer that does not read has its time for that, and no more."""
        wire, other = self.given(reads=False)
        other.transport.loseConnection()
        wire.wait(10)
        other.transport.loseConnection()
        wire.wait(5.5)
        self.assertEqual(wire.end, ConnectionAborted)

    def test_abort(self) -> None:
        """The protocol may end it at once."""
        wire, other = self.given(reads=False)
        other.transport.abortConnection()
        wire.go_on()
        self.assertEqual(wire.end, ConnectionAborted)

    def test_drain(self) -> None:
        """It is closed when the service ends."""
        wire, other = self.given()
        drained = self.world.site.drain()
        wire.go_on()
        self.successResultOf(drained)
        self.assertEqual(other.events, ["ConnectionDone"])

    def test_pace(self) -> None:
        """A producer is held while the peer does not read."""
        wire, other = self.given(reads=False)
        producer = Pausable()
        other.transport.registerProducer(producer, True)
        other.transport.write(b"x" * READ_SIZE)
        self.assertFalse(producer.writes)
        wire.read_on()
        self.assertTrue(producer.writes)
        other.transport.unregisterProducer()
        other.transport.write(b"x" * 2 * READ_SIZE)
        self.assertTrue(producer.writes)

    def test_pace_without_producer(self) -> None:
        """A protocol without one hears nothing of it."""
        wire, other = self.given(reads=False)
        other.transport.write(b"x" * 2 * READ_SIZE)
        wire.read_on()
        wire.send(b"y")
        self.assertEqual((other.events, other.received), (["data"], b"y"))
