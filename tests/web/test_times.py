"""How long a peer may take."""

from __future__ import annotations

from twisted.internet.error import ConnectionAborted, ConnectionDone
from twisted.trial.unittest import SynchronousTestCase

from tests.web.case import request
from tests.web.wire import Wire
from tests.web.world import World

GET = request()
CHUNKED = b"PATCH / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
TOO_SLOW = b"Invalid request body: i/o timeout\n"


class TimeCase(SynchronousTestCase):
    """A site with the bounds that LXD has."""

    def setUp(self) -> None:
        """Make one, and connect to it."""
        self.world = World()
        self.wire = self.world.connect()

    def assert_silent_end(self, seconds: float) -> None:
        """The connection lasts this long, and ends without a word."""
        before = self.wire.received
        self.wire.wait(seconds)
        self.assertIsNone(self.wire.end)
        self.wire.wait(0.5)
        self.assertEqual(self.wire.end, ConnectionDone)
        self.assertEqual(self.wire.received, before)


class HeadTimeTests(TimeCase):
    """Three seconds for a head."""

    def test_nothing(self) -> None:
        """They begin with the connection."""
        self.assert_silent_end(3)

    def test_part(self) -> None:
        """They go on, however much comes of a head."""
        for byte in GET[:8]:
            self.wire.send(bytes([byte]))
            self.wire.wait(0.25)
        self.assert_silent_end(1)

    def test_lines(self) -> None:
        """They go on, however many lines come."""
        self.wire.send(b"GET / HTTP/1.1\r\n")
        for _ in range(11):
            self.wire.wait(0.25)
            self.wire.send(b"A: b\r\n")
        self.assert_silent_end(0.25)

    def test_next(self) -> None:
        """For a later request they begin with its first byte."""
        self.wire.send(GET)
        self.wire.wait(29)
        self.wire.send(b"G")
        self.assert_silent_end(3)

    def test_next_is_waiting(self) -> None:
        """They begin with an answer, when the next request has begun by then."""
        self.wire.send(GET + b"GET / HT")
        self.assert_silent_end(3)

    def test_next_has_lines(self) -> None:
        """So they do when there are whole lines of it."""
        self.wire.send(GET + b"GET / HTTP/1.1\r\nA: b\r\n")
        self.assert_silent_end(3)

    def test_next_was_waiting(self) -> None:
        """They begin when a slow request is answered, not while it is."""
        self.wire.send(request("/slow") + b"GET / HT")
        self.wire.wait(60)
        self.world.answer()
        self.assert_silent_end(3)

    def test_in_time(self) -> None:
        """A head that comes at the last moment is taken."""
        self.wire.send(GET[:5])
        self.wire.wait(2.75)
        self.wire.send(GET[5:])
        self.wire.wait(29)
        self.assertEqual(len(self.wire.responses()), 1)
        self.assertIsNone(self.wire.end)


class BodyTimeTests(TimeCase):
    """The same three seconds for head and body."""

    def test_body(self) -> None:
        """A body that does not come is a fault of the request."""
        self.wire.wait(2)
        self.wire.send(request("/", "PATCH", b"12345")[:-1])
        self.wire.wait(1)
        self.assertEqual(self.wire.received, b"")
        self.wire.wait(0.5)
        [response] = self.wire.responses()
        self.assertEqual((response.status, response.body), (400, TOO_SLOW))
        self.assertEqual(response.headers["connection"], "close")
        self.assertEqual(self.wire.end, ConnectionDone)

    def test_chunks(self) -> None:
        """A body in chunks has no more time."""
        self.wire.send(
            b"PATCH / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        for _ in range(13):
            self.wire.wait(0.25)
            self.wire.send(b"1\r\nx\r\n")
        self.assertTrue(self.wire.received.endswith(TOO_SLOW))

    def test_next(self) -> None:
        """A request behind another one has three seconds for its body, too."""
        self.wire.send(GET + request("/", "PATCH", b"12345")[:-1])
        self.wire.wait(3.5)
        self.assertTrue(self.wire.received.endswith(TOO_SLOW))

    def test_next_later(self) -> None:
        """So it has when it comes later."""
        self.wire.send(GET)
        self.wire.wait(10)
        self.wire.send(request("/", "PATCH", b"12345")[:-1])
        self.wire.wait(3.5)
        self.assertTrue(self.wire.received.endswith(TOO_SLOW))

    def test_refused(self) -> None:
        """A body that comes too late is not read."""
        self.wire.send(request("/", "PATCH", b"12345")[:-1])
        self.wire.wait(4)
        self.wire.send(b"5" + GET)
        self.assertEqual(len(self.wire.responses()), 1)


class IdleTimeTests(TimeCase):
    """Thirty seconds between requests."""

    def test_idle(self) -> None:
        """A connection that is not used ends."""
        self.wire.send(GET)
        self.assert_silent_end(30)

    def test_each(self) -> None:
        """They begin anew with each answer."""
        for _ in range(3):
            self.wire.send(GET)
            self.wire.wait(29)
        self.assert_silent_end(1)

    def test_large(self) -> None:
        """An answer so large that it held us changes nothing."""
        self.wire.send(request("/size/200000"))
        self.assertEqual(len(self.wire.responses()[0].body), 200000)
        self.assert_silent_end(30)


class AnswerTimeTests(TimeCase):
    """As long as it takes for an answer."""

    def test_slow(self) -> None:
        """A slow handler is waited for."""
        self.wire.send(request("/slow"))
        self.wire.wait(600)
        self.world.answer()
        self.assertEqual(self.wire.responses()[0].body, b"slow")
        self.assert_silent_end(30)


class ClosingTimeTests(TimeCase):
    """Fifteen seconds to take the last bytes."""

    def reader(self) -> Wire:
        """A peer that reads nothing for now."""
        self.wire.reads = False
        return self.wire

    def test_reads(self) -> None:
        """A peer that takes its time gets all of it."""
        self.reader().send(b"GET /size/200000 HTTP/1.0\r\n\r\n")
        self.wire.wait(14)
        self.wire.read_on()
        self.assertEqual(len(self.wire.responses()[0].body), 200000)
        self.assertEqual(self.wire.end, ConnectionDone)

    def test_never_reads(self) -> None:
        """One that does not is cut off."""
        self.reader().send(b"GET / HTTP/1.0\r\n\r\n")
        self.wire.wait(15)
        self.assertIsNone(self.wire.end)
        self.wire.wait(0.5)
        self.assertEqual(self.wire.end, ConnectionAborted)

    def test_stays(self) -> None:
        """One that asks and does not read is first given the time of an idle one."""
        self.reader().send(request("/size/200000") * 2)
        self.wire.wait(30 + 15)
        self.assertIsNone(self.wire.end)
        self.wire.wait(0.5)
        self.assertEqual(self.wire.end, ConnectionAborted)

    def test_refused(self) -> None:
        """One that is refused, too."""
        self.reader().send(b"nonsense\r\n\r\n")
        self.wire.wait(15.5)
        self.assertEqual(self.wire.end, ConnectionAborted)
