"""What a connection is used for."""

from __future__ import annotations

from twisted.internet.error import ConnectionDone

from tests.web.case import GET, HeadCase, SurfaceCase, request
from tests.web.world import DATE


class SplittingTests(HeadCase):
    """How requests arrive."""

    REQUESTS = (
        GET,
        b"GET / HTTP/1.0\r\n\r\n",
        b"\r\nGET / HTTP/1.1\nHost: lxd\n\n",
        b"HEAD //a?b HTTP/1.1\r\nHost: lxd\r\nConnection: close\r\n\r\n",
        request("/", "PATCH", b"12345") + request("/size/2049"),
        b"PATCH / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"3;a=b\r\n123\r\n2\r\n\r\n\r\n0\r\nTrailer: x\r\n\r\n" + GET,
        b"GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n" + GET,
        b"GET / HTTP/2.0\r\n\r\n" + GET,
        GET * 3,
    )

    def test_everywhere(self) -> None:
        """Wherever requests are cut in two, their answers are the same."""
        for requests in self.REQUESTS:
            whole = self.sent(requests)
            self.assertNotEqual(whole.received, b"")
            for cut in range(1, len(requests)):
                parts = self.sent(requests[:cut], requests[cut:])
                self.assertEqual(parts.received, whole.received, requests[:cut])
                self.assertEqual(parts.end, whole.end)

    def test_byte_by_byte(self) -> None:
        """Requests may come one byte at a time."""
        for requests in self.REQUESTS:
            parts = self.sent(*(requests[i : i + 1] for i in range(len(requests))))
            self.assertEqual(parts.received, self.sent(requests).received)


class PersistenceTests(HeadCase):
    """How long connections last."""

    def test_keep_alive(self) -> None:
        """A connection answers one request after the other."""
        wire = self.world.connect()
        for _ in range(100):
            self.assertEqual(wire.ask(GET).headers.get("connection"), None)

    def test_pipelining(self) -> None:
        """Requests that come together are answered in their order."""
        wire = self.sent(b"".join(request(f"/size/{n * 30}") for n in range(100)))
        lengths = [len(response.body) for response in wire.responses()]
        self.assertEqual(lengths, [n * 30 for n in range(100)])

    def test_pipelining_later(self) -> None:
        """No request is begun before the one in front of it has its answer."""
        wire = self.sent(request("/slow") + request("/size/1") + request("/slow"))
        self.assertEqual(self.world.begun, ["/slow"])
        self.world.answer()
        self.assertEqual(self.world.begun, ["/slow", "/size/1", "/slow"])
        self.world.answer()
        bodies = [response.body for response in wire.responses()]
        self.assertEqual(bodies, [b"slow", b"x", b"slow"])

    def test_close(self) -> None:
        """A client may ask for the connection to be closed behind the answer."""
        for option in ("close", "Close", "foo, CLOSE", "close,foo", "close\r\nX: y"):
            head = f"GET / HTTP/1.1\r\nHost: x\r\nConnection: {option}\r\n\r\n"
            wire = self.sent(head.encode() + GET)
            [response] = wire.responses()
            self.assertEqual(response.headers["connection"], "close")
            self.assertEqual(wire.end, ConnectionDone)

    def test_other_options(self) -> None:
        """Other options of the connection have no effect."""
        for option in ("keep-alive", "Upgrade", "closed", "", ",,"):
            head = f"GET / HTTP/1.1\r\nHost: x\r\nConnection: {option}\r\n\r\n"
            self.assertEqual(len(self.sent(head.encode() + GET).responses()), 2)

    def test_old_version(self) -> None:
        """HTTP/1.0 needs no Host, and its connections end with the answer."""
        for option in (b"", b"Connection: keep-alive\r\n", b"Connection: close\r\n"):
            wire = self.sent(b"GET / HTTP/1.0\r\n" + option + b"\r\n" + GET)
            [response] = wire.responses()
            self.assertEqual(response.line, b"HTTP/1.0 200 OK")
            self.assertNotIn("connection", response.headers)
            self.assertEqual(wire.end, ConnectionDone)

    def test_old_version_large(self) -> None:
        """HTTP/1.0 knows no chunks: the end of the connection is that of the body."""
        [response] = self.sent(b"GET /size/2049 HTTP/1.0\r\n\r\n").responses()
        self.assertEqual((response.coding, len(response.body)), ("close", 2049))


class AfterAnswerTests(SurfaceCase):
    """A bad head after good ones."""

    def test_refused(self) -> None:
        """The answers come first, then the refusal, then the end."""
        self.wire.send(request() + request("/slow") + b"nonsense\r\n")
        self.world.answer()
        self.assertEqual(
            [response.status for response in self.wire.responses()], [200, 200, 400]
        )
        self.assertEqual(self.wire.end, ConnectionDone)

    def test_date(self) -> None:
        """The date is the clock's."""
        self.assertEqual(self.ask().headers["date"], DATE)
        self.world.clock.advance(25)
        self.assertEqual(self.ask().headers["date"], DATE.replace("00 GMT", "25 GMT"))
