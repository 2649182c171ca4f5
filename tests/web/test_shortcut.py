"""Requests that are answered at once are answered as all others."""

from __future__ import annotations

from twisted.internet.error import ConnectionDone
from twisted.logger import capturedLogs
from twisted.trial.unittest import SynchronousTestCase

from devlxd.errors import Forbidden, NotInContainer
from devlxd.web import heads
from devlxd.web.bounds import Bounds
from tests.web.case import GET
from tests.web.world import World

HOST = b"Host: lxd\r\n"
CLOSE = b"Connection: close\r\n"


def get(target: str, headers: bytes = HOST, method: str = "GET") -> bytes:
    """A head."""
    return f"{method} {target} HTTP/1.1\r\n".encode() + headers + b"\r\n"


PLAIN = (
    get("/"),
    get("/", method="HEAD"),
    get("/", HOST + CLOSE),
    get("/empty"),
    get("/size/2048"),
    get("/size/2049"),
    get("/size/2049", method="HEAD"),
    get("/size/2049", HOST + CLOSE),
    get("/size/2048", method="HEAD"),
    get("/size/70000"),
    get("/key/user.foo"),
    get("/key/%2F"),
    get("/args?a=b&a=c&d=%20&=&&e"),
    get("/args?"),
    get("/args", HOST + b"Connection:  keep-alive , Close\t\r\n"),
    get("/", b"hOST:\tx \r\nA:\r\nB: :\t~\r\n"),
)
"""Heads that are understood at one glance."""

UNUSUAL = (
    b"",
    b"GET / HTTP/1.1\r\n\r\n",
    GET[:-2],
    GET * 2,
    b"\r\n" + GET,
    GET + b"\r\n",
    GET.replace(b"\r\n", b"\n"),
    GET.replace(b"1.1", b"1.0"),
    GET.replace(b"GET", b"get"),
    GET.replace(b"GET", b"PATCH"),
    GET.replace(b" /", b"  /"),
    GET.replace(b"/ ", b"* "),
    GET.replace(b"/ ", b"http://lxd/ "),
    GET.replace(b"/ ", b"/\xff "),
    GET.replace(b"lxd", b"l/d"),
    GET.replace(b"lxd", b"l\xffd"),
    GET.replace(b"Host", b"Host "),
    get("/", HOST * 2),
    get("/", b"A: b\r\n"),
    get("/", HOST + b"A: b\r\n c\r\n"),
    get("/", HOST + b"A: \x00\r\n"),
    get("/", HOST + b"A\r\n"),
    get("/", HOST + b": x\r\n"),
    get("/", HOST + b"Content-Length: 0\r\n"),
    get("/", HOST + b"content-length: x\r\n"),
    get("/", HOST + b"Transfer-Encoding: chunked\r\n"),
    get("/", HOST + b"Expect: 100-continue\r\n"),
    get("/", HOST + b"A: %b\r\n" % (b"x" * 1024)),
)
"""Heads that Twisted is asked about, be they good or bad."""


class HeadsTests(SynchronousTestCase):
    """Heads."""

    def test_plain(self) -> None:
        """A plain head is understood, and any piece of it is not."""
        for data in PLAIN:
            self.assertIsNotNone(heads.whole(data), data)
            for end in range(len(data)):
                self.assertIsNone(heads.whole(data[:end]), data[:end])

    def test_unusual(self) -> None:
        """Everything else is left to Twisted."""
        for data in UNUSUAL:
            self.assertIsNone(heads.whole(data), data)

    def test_parts(self) -> None:
        """The parts are those that were sent."""
        head = heads.whole(get("/a?b?c", b"hOST:\tx \r\nA:\r\nA: :b\t\r\n"))
        assert head is not None
        self.assertEqual((head.method, head.path, head.query), (b"GET", b"/a", b"?b?c"))
        expected = [(b"hOST", b"x"), (b"A", b""), (b"A", b":b")]
        self.assertEqual(list(head.headers()), expected)
        self.assertFalse(head.closes)


class ShortcutTests(SynchronousTestCase):
    """A site that has a table, beside one that has none."""

    def setUp(self) -> None:
        """Make both."""
        self.world, self.slow = World(), World(shortcuts=False)

    def answers(self, *requests: bytes, world: World | None = None) -> bytes:
        """All that comes back, on one connection."""
        wire = (world or self.world).connect()
        for request in requests:
            wire.send(request)
        return wire.received

    def test_same_bytes(self) -> None:
        """The answer is that of the long way, byte for byte, and so is the end."""
        for head in PLAIN:
            short, long = self.world.connect(), self.slow.connect()
            short.send(head)
            long.send(head)
            self.assertEqual(short.received, long.received, head)
            self.assertEqual(short.end, long.end)

    def test_much(self) -> None:
        """What is much is sent the long way."""
        for size in (64 * 1024, 64 * 1024 + 1):
            head = get(f"/size/{size}")
            self.assertEqual(self.answers(head), self.answers(head, world=self.slow))
        self.assertEqual(len(self.world.begun), 3)

    def test_admission(self) -> None:
        """Every request is admitted anew, and refused in the same words."""
        for refusal in (Forbidden(), NotInContainer()):
            for world in (self.world, self.slow):
                world.admission.forbidden = refusal
            self.assertEqual(self.answers(GET), self.answers(GET, world=self.slow))

    def test_fault(self) -> None:
        """A fault is logged as by the long way, and answered with a constant."""
        for target in ("/broken", "/unprintable", "/size/x"):
            logs = []
            for world in (self.world, self.slow):
                with capturedLogs() as said:
                    answer = self.answers(get(target), world=world)
                self.assertIn(b" 500 ", answer)
                logs.append([event["log_format"] for event in said])
            self.assertEqual(logs[0], logs[1])
            self.assertEqual(len(logs[0]), 1)
        self.flushLoggedErrors(ValueError, TypeError)

    def test_handover(self) -> None:
        """A connection is given away ; HEAD gets no stream."""
        wire = self.world.connect()
        wire.send(get("/other"))
        wire.send(b"more")
        self.assertEqual(wire.received, b"welcome\n")
        self.assertEqual(self.world.others[0].received, b"more")
        refused = self.answers(get("/other", method="HEAD"))
        self.assertIn(b"501 Not Implemented", refused)

    def test_time(self) -> None:
        """A connection that was answered at once has the time to ask again."""
        wire = self.world.connect()
        wire.wait(2)
        wire.send(GET)
        wire.wait(29)
        wire.send(GET)
        self.assertEqual(len(wire.responses()), 2)
        wire.wait(31)
        self.assertEqual(wire.end, ConnectionDone)

    def test_date(self) -> None:
        """Answers have the time at which they are given."""
        wire = self.world.connect()
        for _ in range(2):
            wire.send(GET)
            wire.wait(1)
        dates = [response.headers["date"][-6:-4] for response in wire.responses()]
        self.assertEqual(dates, ["00", "01"])

    def test_bound(self) -> None:
        """The bound of the head holds."""
        self.world = World(Bounds(head=40))
        padded = get("/", HOST + b"A: %b\r\n")
        room = 40 - len(padded % b"")
        fits = self.answers(padded % (b"x" * room))
        self.assertIn(b" 200 OK", fits)
        self.assertIn(b" 431 ", self.answers(padded % (b"x" * (room + 1))))

    def test_slow_reader(self) -> None:
        """Nobody is answered who does not read what was answered before."""
        big = get("/size/70000")
        wire = self.world.connect(reads=False)
        for _ in range(5):
            wire.send(big)
        self.assertLess(wire.written, 2 * 70200)
        wire.read_on()
        self.assertEqual(len(wire.responses()), 5)

    def test_drained(self) -> None:
        """A site that ends closes connections that were answered at once."""
        wire = self.world.connect()
        wire.send(GET)
        self.world.site.drain()
        wire.go_on()
        self.assertEqual(wire.end, ConnectionDone)


class AskedTests(SynchronousTestCase):
    """What a route sees of a request that is answered at once."""

    def test_whole(self) -> None:
        """Everything that a request has is there for those who look."""
        asked = get("/look?a=b&c", HOST + b"x-a:  1\r\nX-A: 2\r\n")
        short, long = World(), World(shortcuts=False)
        for world in (short, long):
            world.connect().send(asked)
        self.assertEqual(len(short.looks), 1)
        self.assertEqual(short.looks, long.looks)
