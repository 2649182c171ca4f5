"""Whatever comes, what goes out is HTTP and tells nothing."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.logger import capturedLogs
from twisted.trial.unittest import SynchronousTestCase

from devlxd.web.bounds import Bounds
from tests.web.case import request
from tests.web.wire import Wire
from tests.web.world import World

EXAMPLES = settings().max_examples
TELLTALES = (b"<", b"Traceback", b"twisted", b"klein", b"werkzeug", b"/usr", b".py")

METHODS = ("GET", "HEAD", "PATCH", "POST", "DELETE", "OPTIONS", "get", "FOO", "PRI")
TARGETS = (
    "/",
    "//",
    "/slow",
    "/size/70000",
    "/size/3000",
    "/key/%2f%00",
    "/args?a=b&c",
    "/a/../b",
    "/nope",
    "/%",
    "*",
    "http://h/",
    "/key/\xff",
)
VERSIONS = ("HTTP/1.1",) * 4 + ("HTTP/1.0", "HTTP/2.0", "HTTP/0.9", "HTTP/1.2", "")
HEADERS = (
    "Host: x",
    "Host: a..b",
    "Host: \xff",
    "Connection: close",
    "Content-Length: 5",
    "Content-Length: 500",
    "Content-Length: " + "9" * 5000,
    "Transfer-Encoding: chunked",
    "Transfer-Encoding: gzip",
    "Expect: 100-continue",
    "Content-Type: multipart/form-data; boundary=x",
    "Content-Type: application/x-www-form-urlencoded",
    "Upgrade: websocket",
    "Cookie: a=b; =",
    " folded",
    "no header",
    "A: " + "x" * 3000,
)
BODIES = (
    "",
    "12345",
    "5\r\n12345\r\n0\r\n\r\n",
    "zz\r\n",
    "--x\r\n\r\n",
    "ffffffff\r\n",
)

ENDS = st.sampled_from(("\r\n", "\r\n", "\r\n", "\n", "\r", ""))


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    """Something like a request."""
    words = [draw(st.sampled_from(each)) for each in (METHODS, TARGETS, VERSIONS)]
    headers = draw(st.lists(st.sampled_from(HEADERS), max_size=4))
    lines = [" ".join(words), "Host: x", *headers, ""]
    text = "".join(line + draw(ENDS) for line in lines)
    return (text + draw(st.sampled_from(BODIES))).encode("latin-1")


@st.composite
def streams(draw: st.DrawFn) -> list[bytes]:
    """A few requests, damaged here and there, in pieces of any size."""
    good = st.sampled_from((request(), request("/slow"), request("/", "PATCH", b"1")))
    stream = b"".join(draw(st.lists(requests() | good, min_size=1, max_size=5)))
    places = st.integers(0, len(stream))
    for _ in range(draw(st.sampled_from((0, 0, 0, 1, 2)))):
        start, end = sorted((draw(places), draw(places)))
        damage = draw(st.binary(max_size=10) | st.just(stream[start:end]))
        stream = stream[:start] + damage + stream[min(end, start + 10) :]
    cuts = [0, *sorted(draw(st.lists(places, max_size=5))), len(stream)]
    return [stream[a:b] for a, b in pairwise(cuts)]


class FuzzTests(SynchronousTestCase):
    """Streams that nobody has thought of."""

    def setUp(self) -> None:
        """Make a site, which serves them all."""
        self.world = World(Bounds(head=4000, body=100))

    def assert_sound(self, wire: Wire) -> None:
        """What was sent is HTTP and tells nothing; the others are served."""
        wire.responses()
        for telltale in TELLTALES:
            self.assertNotIn(telltale, wire.received)
        self.assertEqual(self.world.connect().ask(request()).status, 200)
        self.assertEqual(self.flushLoggedErrors(), [])

    @settings(max_examples=4 * EXAMPLES)
    @given(streams(), st.booleans(), st.booleans())
    def test_streams(self, parts: list[bytes], reads: bool, shuts: bool) -> None:
        """Damaged requests end in answers or in silence, and never in the log."""
        self.setUp()
        with capturedLogs() as said:
            wire = self.world.connect(reads)
            for part in parts:
                wire.send(part)
            if shuts:
                wire.send_no_more()
            wire.wait(1)
            wire.read_on()
            while self.world.slow:
                self.world.answer()
            self.assert_sound(wire)
            wire.wait(50)
            self.assertIsNotNone(wire.end)
            self.assert_sound(wire)
        self.assertEqual(said, [])

    @settings(max_examples=2 * EXAMPLES)
    @given(st.lists(st.binary(max_size=50), max_size=5))
    def test_bytes(self, parts: list[bytes]) -> None:
        """Bytes that are nothing like a request are refused."""
        wire = self.world.connect()
        for part in parts:
            wire.send(part)
        wire.wait(4)
        self.assertIsNotNone(wire.end)
        self.assert_sound(wire)
