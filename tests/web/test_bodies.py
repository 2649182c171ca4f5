"""Bodies of requests."""

from __future__ import annotations

from twisted.internet.error import ConnectionDone
from twisted.trial.unittest import SynchronousTestCase

from devlxd.web.bounds import Bounds
from tests.web.case import TEXT, request
from tests.web.wire import Wire
from tests.web.world import DATE, World

CHUNKED = b"PATCH / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class BodyCase(SynchronousTestCase):
    """A site that takes bodies of 10 bytes."""

    def setUp(self) -> None:
        """Make one."""
        self.world = World(Bounds(body=10))

    def sent(self, *parts: bytes) -> Wire:
        """A connection over which this was sent."""
        wire = self.world.connect()
        for part in parts:
            wire.send(part)
        return wire

    def assert_last(self, wire: Wire, status: int, text: str) -> None:
        """The answer, in the usual form, is the last thing on the connection."""
        [response] = wire.responses()
        self.assertEqual((response.status, response.body), (status, text.encode()))
        self.assertEqual(
            response.headers,
            {
                "date": DATE,
                "content-type": TEXT,
                "x-content-type-options": "nosniff",
                "content-length": str(len(text)),
                "connection": "close",
            },
        )
        self.assertEqual(wire.end, ConnectionDone)
        self.assertEqual(self.world.begun, [])


class LengthTests(BodyCase):
    """Bodies whose length is told."""

    def test_bound(self) -> None:
        """A body of exactly the bound is taken."""
        [response] = self.sent(request("/", "PATCH", b"x" * 10)).responses()
        self.assertEqual(response.body, b"=" + b"x" * 10)

    def test_too_large(self) -> None:
        """A larger one is refused before it comes, whatever it is for."""
        for method in ("PATCH", "GET", "PUT", "FOO"):
            head = request("/", method, b"x" * 11)[:-11]
            self.assert_last(self.sent(head), 413, "Request Entity Too Large\n")

    def test_too_large_expected(self) -> None:
        """Nobody is told to continue with it."""
        head = request("/", "PATCH", b"x" * 11)[:-13] + b"Expect: 100-continue\r\n\r\n"
        self.assert_last(self.sent(head), 413, "Request Entity Too Large\n")

    def test_exact(self) -> None:
        """What follows a body is the next request."""
        wire = self.sent(request("/", "PATCH", b"12345") + request())
        bodies = [response.body for response in wire.responses()]
        self.assertEqual(bodies, [b"=12345", b'["caller"]\n'])


class ChunkTests(BodyCase):
    """Bodies in chunks."""

    def test_chunks(self) -> None:
        """Chunks make a body; extensions and trailers are overlooked."""
        wire = self.sent(
            CHUNKED
            + b"\r\n03;a=b\r\n123\r\n2\r\n\r\n\r\nA\r\n"[:-3]
            + b"0\r\nX: y\r\n\r\n"
        )
        [response] = wire.responses()
        self.assertEqual(response.body, b"=123\r\n")

    def test_bound(self) -> None:
        """The sum of the chunks counts, not what is around them."""
        body = b"1\r\nx\r\n" * 10 + b"0\r\n\r\n"
        [response] = self.sent(CHUNKED + b"\r\n" + body).responses()
        self.assertEqual(response.body, b"=" + b"x" * 10)
        for more in (1, 20):
            wire = self.sent(CHUNKED + b"\r\n" + b"1\r\nx\r\n" * more + body)
            self.assert_refused_once(wire)

    def assert_refused_once(self, wire: Wire) -> None:
        """A body was found too large, once."""
        self.world.begun.clear()
        self.assert_last(wire, 413, "Request Entity Too Large\n")

    def test_large_chunk(self) -> None:
        """A chunk that is too large is refused when too much of it came."""
        wire = self.sent(CHUNKED + b"\r\n" + b"f" * 1000 + b"\r\n", b"x" * 10)
        self.assertEqual(wire.received, b"")
        wire.send(b"x")
        self.assert_refused_once(wire)

    def test_malformed(self) -> None:
        """Chunks that are none end the connection."""
        for body in (
            b"zz\r\n",
            b"-1\r\n",
            b"0x1\r\n",
            b"\r\n",
            b"1 \r\nx\r\n",
            b"1\r\nxx\r\n",
            b"1;\x00\r\nx\r\n",
            b"1" * 1100,
            b"0\r\nX: " + b"y" * 70_000,
        ):
            self.assert_last(
                self.sent(CHUNKED + b"\r\n" + body),
                400,
                "Invalid request body: malformed chunked encoding\n",
            )

    def test_exact(self) -> None:
        """What follows the last chunk is the next request."""
        wire = self.sent(CHUNKED + b"\r\n0\r\n\r\n" + request())
        bodies = [response.body for response in wire.responses()]
        self.assertEqual(bodies, [b"=", b'["caller"]\n'])


class ExpectTests(BodyCase):
    """``Expect: 100-continue``."""

    HEAD = request("/", "PATCH", b"12345")[:-7] + b"Expect: 100-Continue\r\n\r\n"

    def test_continue(self) -> None:
        """A client that asks whether to send its body is told to."""
        wire = self.sent(self.HEAD)
        self.assertEqual(wire.received, CONTINUE)
        wire.send(b"12345")
        first, second = wire.responses()
        self.assertEqual((first.status, second.body), (100, b"=12345"))

    def test_old_version(self) -> None:
        """HTTP/1.0 does not know the question."""
        wire = self.sent(self.HEAD.replace(b"HTTP/1.1", b"HTTP/1.0"))
        self.assertEqual(wire.received, b"")

    def test_chunks(self) -> None:
        """A client with chunks is told, too."""
        wire = self.sent(CHUNKED + b"Expect: 100-continue\r\n\r\n", b"0\r\n\r\n")
        self.assertEqual([r.status for r in wire.responses()], [100, 200])
