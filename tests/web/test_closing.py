"""How connections end."""

from __future__ import annotations

from twisted.internet.error import ConnectionAborted, ConnectionDone
from twisted.trial.unittest import SynchronousTestCase

from devlxd.errors import TooManyConnections
from tests.web.case import request
from tests.web.wire import Wire
from tests.web.world import World

GET = request()
CHUNKED = b"PATCH / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


class HalfClosingTests(SynchronousTestCase):
    """Peers that shut their direction down and wait for the answer."""

    def setUp(self) -> None:
        """Make a site."""
        self.world = World()

    def closed(self, sent: bytes, reads: bool = True) -> Wire:
        """A connection over which this was sent, and will be nothing more."""
        wire = self.world.connect(reads)
        wire.send(sent)
        wire.send_no_more()
        return wire

    def assert_statuses(self, wire: Wire, *statuses: int) -> None:
        """These answers came, and then the connection was closed."""
        received = [response.status for response in wire.responses()]
        self.assertEqual(received, list(statuses))
        self.assertEqual(wire.end, ConnectionDone)

    def test_nothing(self) -> None:
        """Without a request there is no answer."""
        self.assert_statuses(self.closed(b""))

    def test_head(self) -> None:
        """A part of a head is a bad head."""
        for part in (b"G", GET[:14], GET[:-2], GET[:-1], b"G\r"):
            self.assert_statuses(self.closed(part), 400)

    def test_body(self) -> None:
        """A part of a body is a bad body."""
        for part in (request("/", "PATCH", b"123")[:-1], CHUNKED, CHUNKED + b"3\r\nx"):
            wire = self.closed(part)
            self.assert_statuses(wire, 400)
            text = b"Invalid request body: unexpected EOF\n"
            self.assertTrue(wire.received.endswith(text))
        self.assertEqual(self.world.begun, [])

    def test_requests(self) -> None:
        """All requests are answered."""
        self.assert_statuses(self.closed(GET), 200)
        self.assert_statuses(self.closed(GET * 3), 200, 200, 200)
        self.assert_statuses(self.closed(GET * 2 + b"G"), 200, 200, 400)

    def test_slow(self) -> None:
        """Also those that take time, and those behind them."""
        slow = request("/slow")
        for more, statuses in (
            (b"", []),
            (GET * 2, [200, 200]),
            (GET + b"G", [200, 400]),
            (CHUNKED, [400]),
        ):
            wire = self.closed(slow + more)
            self.assertIsNone(wire.end)
            self.world.answer()
            self.assert_statuses(wire, 200, *statuses)

    def test_slow_ones(self) -> None:
        """Also several that take time."""
        wire = self.closed(request("/slow") * 2 + GET)
        self.world.answer()
        self.assertIsNone(wire.end)
        self.world.answer()
        self.assert_statuses(wire, 200, 200, 200)

    def test_reads_late(self) -> None:
        """Also when they are only read after a while."""
        wire = self.closed(request("/size/200000") * 3, reads=False)
        wire.wait(10)
        self.assertIsNone(wire.end)
        wire.read_on()
        self.assert_statuses(wire, 200, 200, 200)

    def test_refused(self) -> None:
        """A refusal stays a refusal."""
        self.assert_statuses(self.closed(b"nonsense\r\n\r\n"), 400)
        wire = self.closed(b"nonsense\r\n\r\n", reads=False)
        wire.read_on()
        self.assert_statuses(wire, 400)

    def test_wrote_all(self) -> None:
        """If only we had shut our direction down, nothing would change."""
        wire = self.world.connect()
        wire.protocol.writeConnectionLost()
        self.assertEqual(wire.ask(GET).status, 200)


class DrainTests(SynchronousTestCase):
    """The end of the service."""

    def setUp(self) -> None:
        """Make a site."""
        self.world = World()
        self.site = self.world.site

    def drain(self) -> list[object]:
        """End the site; becomes non-empty when it has ended."""
        ended: list[object] = []
        self.site.drain().addCallback(ended.append)
        for wire in self.world.wires:
            wire.go_on()
        return ended

    def test_empty(self) -> None:
        """Without connections it is there at once."""
        self.assertEqual(self.drain(), [None])

    def test_idle(self) -> None:
        """Connections that wait for a request are closed."""
        idle, new, partial = (self.world.connect() for _ in range(3))
        idle.send(GET)
        partial.send(b"GET")
        self.assertEqual(self.drain(), [None])
        for wire in (idle, new, partial):
            self.assertEqual(wire.end, ConnectionDone)
        self.assertEqual(self.world.door.inside, [])

    def test_answers(self) -> None:
        """Answers that are worked on are given, and nothing is begun behind them."""
        wire = self.world.connect()
        wire.send(request("/slow") + GET)
        ended = self.drain()
        self.assertEqual(ended, [])
        self.world.answer()
        self.assertEqual([each.body for each in wire.responses()], [b"slow"])
        self.assertEqual((wire.end, ended), (ConnectionDone, [None]))

    def test_body(self) -> None:
        """A request whose body comes is answered, and told that it was the last."""
        wire = self.world.connect()
        wire.send(request("/", "PATCH", b"12345")[:-1])
        ended = self.drain()
        wire.send(b"5" + GET)
        [response] = wire.responses()
        self.assertEqual(response.body, b"=12345")
        self.assertEqual(response.headers["connection"], "close")
        self.assertEqual(ended, [None])

    def test_unread(self) -> None:
        """What was written is read to the end."""
        wire = self.world.connect(reads=False)
        wire.send(request("/size/200000"))
        ended = self.drain()
        self.assertEqual(ended, [])
        wire.read_on()
        self.assertEqual(len(wire.responses()[0].body), 200000)
        self.assertEqual(ended, [None])

    def test_time(self) -> None:
        """Connections are watched when the port is closed, until there are none."""
        wire = self.world.connect(reads=False)
        wire.send(request("/size/200000"))
        self.site.doStop()
        ended = self.drain()
        self.assertNotEqual(self.world.clock.getDelayedCalls(), [])
        wire.wait(16)
        self.assertEqual((wire.end, ended), (ConnectionAborted, [None]))
        self.assertEqual(self.world.clock.getDelayedCalls(), [])

    def test_abort(self) -> None:
        """In the end all connections are cut, and what is worked on goes on."""
        wire = self.world.connect()
        wire.send(request("/slow"))
        ended = self.drain()
        self.site.abort()
        wire.go_on()
        self.assertEqual((wire.end, ended), (ConnectionAborted, [None]))
        self.world.answer()
        self.assertEqual(wire.received, b"")


class DoorTests(SynchronousTestCase):
    """Who is let in."""

    def setUp(self) -> None:
        """Make a site."""
        self.world = World()
        self.door = self.world.door

    def test_visitors(self) -> None:
        """Whoever enters leaves, once."""
        wires = [self.world.connect() for _ in range(3)]
        self.assertEqual(len(self.door.inside), 3)
        wires[0].vanish()
        wires[1].send(b"GET / HTTP/1.0\r\n\r\n")
        self.assertEqual(len(self.door.inside), 1)
        self.assertEqual([wires[2].protocol.visitor], self.door.inside)

    def test_refused(self) -> None:
        """Whoever is not let in is told why, without being asked for anything."""
        self.door.raises = TooManyConnections()
        wire = self.world.connect()
        [response] = wire.responses()
        self.assertEqual(response.line, b"HTTP/1.1 503 Service Unavailable")
        self.assertEqual(response.body, b"Too many connections\n")
        self.assertEqual(response.headers["connection"], "close")
        self.assertEqual(wire.end, ConnectionDone)

    def test_refused_sender(self) -> None:
        """What such a peer sends is not read."""
        self.door.raises = TooManyConnections()
        wire = self.world.connect(reads=False)
        wire.protocol.dataReceived(GET)
        self.assertEqual(self.world.begun, [])
        wire.read_on()
        self.assertEqual(len(wire.responses()), 1)

    def test_fault(self) -> None:
        """A fault of the door keeps its peer out, and is logged once."""
        self.door.raises = ValueError("/usr/lib/door.py")
        wire = self.world.connect()
        [response] = wire.responses()
        self.assertEqual(
            (response.status, response.body), (500, b"Internal Server Error\n")
        )
        self.assertEqual(wire.end, ConnectionDone)
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)
