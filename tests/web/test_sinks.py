"""Bodies that somebody takes as they come."""

from __future__ import annotations

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.iweb import IRequest
from zope.interface import implementer
from zope.interface.verify import verifyObject

from devlxd.errors import Forbidden, TooLarge
from devlxd.web.bounds import Bounds
from devlxd.web.interfaces import IIntake, ISink
from tests.web.case import request
from tests.web.wire import READ_SIZE, Wire
from tests.web.world import PRIVATE, World

CHUNKED = b"POST /sink HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
LARGE = b"x" * 4 * READ_SIZE
REFUSED = b"Request Entity Too Large\n"


@implementer(ISink)
@define(eq=False)
class Sink:
    """
    Keeps what it takes.

    :ivar most: how many bytes it takes at all.
    :ivar full: what it waits for, when it is full.
    """

    most: int = 10 * len(LARGE)
    full: Deferred[None] | None = None
    taken: bytes = b""
    aborted: int = 0

    def write(self, data: bytes) -> Deferred[None] | None:
        """Take it."""
        if len(self.taken) + len(data) > self.most:
            raise TooLarge
        self.taken += data
        return self.full

    def abort(self) -> None:
        """Count that."""
        self.aborted += 1


@implementer(IIntake)
@define(eq=False)
class Intake:
    """
    Has a sink for whatever is posted.

    :ivar raises: what it does instead.
    """

    sink: Sink = field(factory=Sink)
    raises: Exception | None = None
    asked: list[bytes] = field(factory=list)

    def sink_for(self, request: IRequest) -> Sink | None:
        """Look at the head."""
        self.asked.append(request.path)
        if self.raises is not None:
            raise self.raises
        return self.sink if request.method == b"POST" else None


class SinkCase(SynchronousTestCase):
    """A site with an intake."""

    def setUp(self) -> None:
        """Make one."""
        self.intake = Intake()
        self.sink = self.intake.sink
        self.world = World(Bounds(body=1000), intake=self.intake)
        self.wire = self.world.connect()


class SinkTests(SinkCase):
    """What becomes of such bodies."""

    def test_interfaces(self) -> None:
        """Those of these tests provide what the site asks for."""
        verifyObject(IIntake, self.intake)
        verifyObject(ISink, self.sink)

    def test_length(self) -> None:
        """One with a length may be larger than those that are kept in memory."""
        response = self.wire.ask(request("/sink?a=b", "POST", LARGE))
        self.assertEqual((response.status, response.body), (200, LARGE))
        self.assertEqual(self.intake.asked, [b"/sink"])
        self.assertEqual(self.sink.aborted, 0)

    def test_chunks(self) -> None:
        """One in chunks may be, too, and the next request follows."""
        self.wire.send(CHUNKED + b"5\r\nfirst\r\n")
        self.assertEqual(self.sink.taken, b"first")
        self.wire.send(b"4\r\nlast\r\n0\r\n\r\n" + request())
        bodies = [response.body for response in self.wire.responses()]
        self.assertEqual(bodies, [b"firstlast", b'["caller"]\n'])

    def test_ordinary(self) -> None:
        """Others are kept in memory, within their bound."""
        response = self.wire.ask(request("/", "PATCH", b"small"))
        self.assertEqual(response.body, b"=small")
        self.wire.send(request("/", "PATCH", LARGE))
        self.assertEqual(self.wire.responses()[-1].status, 413)
        self.assertEqual(self.intake.asked, [b"/", b"/"])

    def test_none(self) -> None:
        """Nobody is asked for a body that there is not."""
        response = self.wire.ask(request("/sink", "POST"))
        self.assertEqual((response.status, response.body), (200, b""))
        self.assertEqual(self.intake.asked, [])

    def test_expected(self) -> None:
        """Who waits for a word before the body gets it, unless it is refused."""
        head = b"POST /sink HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
        head += b"Content-Length: 4\r\n\r\n"
        self.wire.send(head)
        self.assertEqual(self.wire.received, b"HTTP/1.1 100 Continue\r\n\r\n")
        self.intake.raises = Forbidden()
        other = self.world.connect()
        other.send(head)
        self.assertTrue(other.received.startswith(b"HTTP/1.1 403 "))

    def test_not_taken(self) -> None:
        """A body that no route takes is given up."""
        self.wire.ask(request("/forgotten", "POST", b"body"))
        self.wire.ask(request("/nowhere", "POST", b"body"))
        self.assertEqual(self.sink.aborted, 2)
        self.assertIsNone(self.wire.end)

    def test_slow(self) -> None:
        """A sink that is full is not given more, and then all of it."""
        self.sink.full = Deferred()
        self.wire.send(request("/sink", "POST", LARGE))
        self.assertLessEqual(len(self.sink.taken), READ_SIZE)
        self.assertGreaterEqual(self.wire.unread, 3 * READ_SIZE)
        full, self.sink.full = self.sink.full, None
        self.wire.wait(300)
        full.callback(None)
        self.wire.go_on()
        [response] = self.wire.responses()
        self.assertEqual(response.body, LARGE)

    def test_slow_at_the_end(self) -> None:
        """A sink that is full at the end does not hold the connection."""
        full = self.sink.full = Deferred()
        self.wire.send(request("/sink", "POST", b"body"))
        self.assertEqual(self.wire.responses()[0].body, b"body")
        full.callback(None)
        self.assertEqual(self.wire.ask(request()).status, 200)


class RefusalTests(SinkCase):
    """What becomes of those that are not taken, or do not come."""

    def assert_refused(self, wire: Wire, status: int, text: bytes) -> None:
        """The connection ended with a refusal, and the body was given up once."""
        [response] = wire.responses()
        self.assertEqual((response.status, response.body), (status, text))
        self.assertEqual(wire.end, ConnectionDone)
        self.assertEqual(self.world.begun, [])

    def test_intake(self) -> None:
        """Who may not send one is told before it comes."""
        self.intake.raises = Forbidden()
        self.wire.send(request("/sink", "POST", LARGE))
        self.assert_refused(self.wire, 403, b"Forbidden\n")
        self.assertEqual(self.sink.taken, b"")

    def test_broken_intake(self) -> None:
        """A fault of the intake is logged and not told."""
        self.intake.raises = ValueError(PRIVATE)
        self.wire.send(request("/sink", "POST", b"body"))
        self.assert_refused(self.wire, 500, b"Internal Server Error\n")
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)

    def test_meanwhile(self) -> None:
        """One that turns out to be none ends there, whatever else has come."""
        self.sink.most = 5
        self.wire.send(CHUNKED + b"5\r\nfirst\r\n" + 9 * b"6\r\nsecond\r\n")
        self.assert_refused(self.wire, 413, REFUSED)
        self.assertEqual((self.sink.taken, self.sink.aborted), (b"first", 1))

    def test_vanished(self) -> None:
        """When the peer goes away, the body is given up."""
        self.wire.send(CHUNKED + b"5\r\nfirst\r\n")
        self.wire.vanish()
        self.assertEqual(self.sink.aborted, 1)

    def test_vanished_while_full(self) -> None:
        """So it is while the sink is full, and nothing happens when it is not."""
        full = self.sink.full = Deferred()
        self.wire.send(CHUNKED + b"5\r\nfirst\r\n")
        self.wire.vanish()
        full.callback(None)
        self.assertEqual(self.sink.aborted, 1)

    def test_end(self) -> None:
        """When the peer sends no more, it is told so."""
        self.wire.send(CHUNKED + b"5\r\nfirst\r\n")
        self.wire.send_no_more()
        self.assert_refused(self.wire, 400, b"Invalid request body: unexpected EOF\n")
        self.assertEqual(self.sink.aborted, 1)

    def test_malformed(self) -> None:
        """What are no chunks are refused."""
        self.wire.send(CHUNKED + b"nonsense\r\n")
        text = b"Invalid request body: malformed chunked encoding\n"
        self.assert_refused(self.wire, 400, text)
        self.assertEqual(self.sink.aborted, 1)

    def test_pace(self) -> None:
        """It may take for ever, as long as something comes, and not longer."""
        self.wire.send(CHUNKED)
        for _ in range(10):
            self.wire.wait(29)
            self.wire.send(b"1\r\nx\r\n")
        self.assertIsNone(self.wire.end)
        self.wire.wait(30.5)
        self.assert_refused(self.wire, 400, b"Invalid request body: i/o timeout\n")
        self.assertEqual(self.sink.aborted, 1)

    def test_stop(self) -> None:
        """A site that stops does not wait for the rest."""
        self.wire.send(CHUNKED + b"5\r\nfirst\r\n")
        self.world.site.drain()
        self.wire.go_on()
        self.assertEqual(self.wire.end, ConnectionDone)
        self.assertEqual(self.sink.aborted, 1)
