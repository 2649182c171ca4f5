"""Heads of requests, good and bad."""

from __future__ import annotations

from twisted.internet.error import ConnectionDone

from tests.web.case import GET, HeadCase, early
from tests.web.world import World

BAD = "400 Bad Request"
LARGE = "431 Request Header Fields Too Large"


class LeniencyTests(HeadCase):
    """What people type."""

    def test_line_feeds(self) -> None:
        """Lines may end without a carriage return."""
        self.assert_served(b"GET / HTTP/1.0\n\n")
        self.assert_served(b"GET / HTTP/1.1\nHost: x\nA: b\n\n")

    def test_blank_line(self) -> None:
        """One blank line in front of a request is overlooked, a second is not."""
        self.assert_early(b"\r\n\r\n" + GET, BAD)
        self.assert_served(b"\r\n" + GET)

    def test_blank_line_between(self) -> None:
        """A blank line behind a request is overlooked."""
        wire = self.sent(GET + b"\r\n" + GET)
        self.assertEqual(len(wire.responses()), 2)

    def test_headers(self) -> None:
        """Any number of headers is taken, folded or repeated ones, too."""
        self.world = World()
        self.assert_served(GET[:-2] + b"A:\r\n" * 10_000 + b"\r\n")
        self.assert_served(GET[:-2] + b"A: b\r\n \tc\r\n d\r\nE: \xff\t\r\n\r\n")

    def test_odd_types(self) -> None:
        """Cookies, credentials and ranges that make no sense do no harm."""
        for header in (
            b"Cookie: =;;=a; b",
            b"Authorization: Basic x",
            b"Authorization: Bearer",
            b"If-Modified-Since: x",
            b"Range: bytes=x",
            b"Content-Type: \xff",
            b"Upgrade: h2c",
            b"X-Forwarded-For: \x80",
            b"Accept-Encoding: gzip;q=x",
        ):
            response = self.assert_served(GET[:-2] + header + b"\r\n\r\n")
            self.assertEqual(response.body, b'["caller"]\n')


class RequestLineTests(HeadCase):
    """First lines."""

    def test_malformed(self) -> None:
        """A first line without three parts, or with other bytes, is refused."""
        for line in (
            b"GET /",
            b"GET",
            b" GET / HTTP/1.1",
            b"GET  / HTTP/1.1",
            b"GET / HTTP/1.1 ",
            b"GET / x HTTP/1.1",
            b"GET\t/\tHTTP/1.1",
            b" / HTTP/1.1",
            b"G\x01T / HTTP/1.1",
            b"G(T / HTTP/1.1",
            b"G\xc3T / HTTP/1.1",
            b"GET /\x00 HTTP/1.1",
            b"GET /\r HTTP/1.1",
            b"GET /\x1b HTTP/1.1",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        ):
            self.assert_early(line + b"\r\nHost: x\r\n\r\n", BAD)

    def test_malformed_version(self) -> None:
        """A version that is none is refused."""
        for version in (b"HTTP/1", b"HTTP/10.1", b"http/1.1", b"HTP/1.1", b"HTTP/1.x"):
            self.assert_early(b"GET / %b\r\nHost: x\r\n\r\n" % version, BAD)

    def test_other_version(self) -> None:
        """Another version is not supported, which is said without waiting for more."""
        reason = "505 HTTP Version Not Supported: unsupported protocol version"
        for line in (b"GET / HTTP/2.0", b"GET / HTTP/0.9", b"PRI * HTTP/2.0"):
            self.assert_early(line + b"\r\n", reason)

    def test_delete(self) -> None:
        """A target with DEL is refused, which could get into the answer's head."""
        for target in (b"/\x7f", b"//?\x7f", b"//\x7f/"):
            self.assert_early(b"GET %b HTTP/1.1\r\nHost: x\r\n\r\n" % target, BAD)

    def test_target(self) -> None:
        """A target that is no path is refused."""
        for target in (b"*", b"foo", b"lxd:443", b"/%", b"/%zz", b"/a%2", b"?a"):
            for method in (b"GET", b"HEAD", b"OPTIONS", b"CONNECT"):
                head = b"%b %b HTTP/1.1\r\nHost: x\r\n\r\n" % (method, target)
                self.assert_early(head + GET, BAD)

    def test_upgrade(self) -> None:
        """What follows a refused head is not read."""
        wire = self.sent(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + GET, GET)
        self.assertEqual(len(wire.responses()), 1)


class HostTests(HeadCase):
    """``Host``."""

    def host(self, value: bytes) -> bytes:
        """A head with this host."""
        return b"GET / HTTP/1.1\r\nHost:" + value + b"\r\n\r\n"

    def test_missing(self) -> None:
        """HTTP/1.1 demands it."""
        reason = BAD + ": missing required Host header"
        self.assert_early(b"GET / HTTP/1.1\r\n\r\n", reason)

    def test_two(self) -> None:
        """There cannot be two."""
        self.assert_early(GET[:-2] + b"Host: lxd\r\n\r\n", BAD)
        self.assert_early(b"GET / HTTP/1.0\r\nHost: a\r\nhost: a\r\n\r\n", BAD)

    def test_any(self) -> None:
        """It is of no consequence, also where it names no host that there can be."""
        for value in (
            b"",
            b" a..b",
            b" " + b"a" * 300,
            b" [::1%25eth0]:99999",
            b" :",
            b" xn--\t",
            b" -",
            b" " + b".".join([b"a" * 63] * 5),
        ):
            self.assert_served(self.host(value))

    def test_malformed(self) -> None:
        """Bytes that stand in no host are refused, those that do are not."""
        allowed = b"!$%&'()*+,-.:;=[]_~0123456789"
        allowed += b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
        for code in set(range(256)) - set(b"\0\r\n"):
            byte = bytes([code])
            if byte in allowed:
                self.assert_served(self.host(b"a" + byte + b"b"))
                self.world.begun.clear()
            else:
                reason = BAD + ": malformed Host header"
                self.assert_early(self.host(b"a" + byte + b"b"), reason)


class HeaderTests(HeadCase):
    """Other headers."""

    def test_malformed(self) -> None:
        """A line that is no header is refused, wherever it stands."""
        for line in (b"bad", b": x", b" x"):
            self.assert_early(b"GET / HTTP/1.1\r\n%b\r\n" % line + GET[16:], BAD)
            if line != b" x":
                self.assert_early(GET[:-2] + line + b"\r\n\r\n", BAD)

    def test_letters(self) -> None:
        """A header with a letter that may not be is refused, wherever it stands."""
        for line, what in (
            (b"b d: x", "name"),
            (b"a : x", "name"),
            (b"b\xff: x", "name"),
            (b"b(: \1", "name"),
            (b"a: \0", "value"),
            (b"a:\x1f", "value"),
            (b"a: b\x7f", "value"),
        ):
            reason = f"{BAD}: invalid header {what}"
            self.assert_early(b"GET / HTTP/1.1\r\n%b\r\n" % line + GET[16:], reason)
            self.assert_early(GET[:-2] + line + b"\r\n\r\n", reason)

    def test_expectation(self) -> None:
        """What a client expects that nobody can do is 417, and the end."""
        wire = self.sent(GET[:-2] + b"Expect: something\r\n\r\n")
        [response] = wire.responses()
        self.assertEqual((response.status, response.body), (417, b""))
        self.assertEqual(response.headers["connection"], "close")
        self.assertEqual(wire.end, ConnectionDone)

    def test_old_coding(self) -> None:
        """HTTP/1.0 has no codings: what claims one is passed over."""
        for coding in (b"chunked", b"identity", b"x"):
            head = b"GET / HTTP/1.0\r\nTransfer-Encoding: %b\r\n\r\n" % coding
            self.assert_served(head)

    def test_go_on(self) -> None:
        """Who waits to be told to send a body is told so, unless there is none."""
        head = GET[:-2] + b"Expect: 100-Continue\r\n"
        self.assert_served(head + b"\r\n")
        self.assert_served(GET[:-2] + b"Expect:\r\n\r\n")
        wire = self.sent(head + b"Content-Length: 1\r\n\r\n")
        self.assertEqual(wire.received, b"HTTP/1.1 100 Continue\r\n\r\n")

    def test_length(self) -> None:
        """A length that is none, is told twice or has no end is refused."""
        for value in (b"x", b"-1", b"+1", b"1_0", b"0x1", b"", b"1,1", b"\xb2"):
            self.assert_early(GET[:-2] + b"Content-Length: %b\r\n\r\n" % value, BAD)
        for digits in (19, 30, 900):
            value = b"Content-Length: " + b"9" * digits
            self.assert_early(GET[:-2] + value + b"\r\n\r\n", BAD)
        twice = b"Content-Length: 1\r\nContent-Length: 1\r\n\r\n1"
        self.assert_early(GET[:-2] + twice, BAD)

    def test_endless_length(self) -> None:
        """Thousands of digits are no length either."""
        self.world = World()
        value = b"Content-Length: " + b"9" * 5000
        self.assert_early(GET[:-2] + value + b"\r\n\r\n", BAD)

    def test_codings(self) -> None:
        """Only chunks are understood."""
        for value in (b"gzip", b"identity", b"gzip, chunked", b"", b"chunked, chunked"):
            self.assert_early(
                GET[:-2] + b"Transfer-Encoding: %b\r\n\r\n" % value,
                "501 Not Implemented",
                "Unsupported transfer encoding",
            )

    def test_two_lengths(self) -> None:
        """A body cannot have a length and chunks, nor chunks twice."""
        chunked, length = b"Transfer-Encoding: chunked\r\n", b"Content-Length: 3\r\n"
        for headers in (chunked + length, length + chunked, chunked * 2):
            self.assert_early(GET[:-2] + headers + b"\r\n0\r\n\r\n", BAD)


class SizeTests(HeadCase):
    """How large a head may be."""

    def test_bound(self) -> None:
        """A head of exactly the bound is taken, a larger one is not."""
        room = 1000 - len(GET)
        self.assert_served(GET[:-2] + b"A: %b\r\n\r\n" % (b"x" * (room - 5)))
        self.world.begun.clear()
        self.assert_early(GET[:-2] + b"A: %b\r\n\r\n" % (b"x" * (room - 4)), LARGE)

    def test_endless_line(self) -> None:
        """A line without an end is refused as soon as it is too long."""
        for start in (b"", b"GET /", b"GET / HTTP/1.1\r\nA: "):
            self.assert_early(start + b"x" * 1100, LARGE)
            wire = self.sent(start, *[b"x"] * 1001)
            self.assertEqual(wire.received, early(LARGE))

    def test_many_lines(self) -> None:
        """Small lines count like large ones."""
        self.assert_early(b"GET / HTTP/1.1\r\n" + b"A:\r\n" * 300, LARGE)
        self.assert_early(b"GET / HTTP/1.1\nA:\n" + b" \n" * 400, LARGE)

    def test_each(self) -> None:
        """Each request of a connection has the bound for itself."""
        wire = self.world.connect()
        for _ in range(5):
            wire.ask(GET[:-2] + b"A: %b\r\n\r\n" % (b"x" * 900))

    def test_real_bound(self) -> None:
        """By default heads of 64 KiB are taken: paths, queries and headers alike."""
        self.world = World()
        self.assert_served(GET[:-2] + b"A: %b\r\n\r\n" % (b"x" * 65_000))
        self.assert_served(GET.replace(b"/ ", b"/?%b " % (b"x" * 65_000)))
        self.world.begun.clear()
        self.assert_early(GET[:-2] + b"A: %b\r\n\r\n" % (b"x" * 65_600), LARGE)
