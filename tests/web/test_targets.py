"""What is asked for."""

from __future__ import annotations

from tests.web.case import SurfaceCase
from tests.web.world import DATE


class PathTests(SurfaceCase):
    """Which path is meant."""

    def assert_moved(self, target: str, location: str) -> None:
        """A request is sent to a cleaner path."""
        for method in ("GET", "PATCH", "FOO"):
            response = self.ask(target, method)
            self.assertEqual(response.status, 301)
            self.assertEqual(
                response.headers,
                {"date": DATE, "location": location, "content-length": "0"},
            )

    def test_unclean(self) -> None:
        """An unclean path is answered with the clean one."""
        self.assert_moved("//a", "/a")
        self.assert_moved("/a/../b/./", "/b/")
        self.assert_moved("/..//..", "/")

    def test_query(self) -> None:
        """A query is kept, as it is."""
        self.assert_moved("//a?b=/../c&?%2f%zz", "/a?b=/../c&?%2f%zz")

    def test_one_host(self) -> None:
        """Nobody is sent to another host."""
        self.assert_moved("////evil/a", "/evil/a")
        self.assert_moved("/./%2Fevil", "/%2Fevil")
        self.assert_moved("http://evil//x", "/x")

    def test_encoded_dots(self) -> None:
        """Dots are dots, also when they are encoded."""
        self.assert_moved("/%2e%2E/a", "/a")

    def test_escapes(self) -> None:
        """Letters of a path may be encoded."""
        self.assertEqual(self.ask("/%65mpty").status, 200)

    def test_segment(self) -> None:
        """A segment is decoded after it was told apart, and is taken for text."""
        expected = {
            "a%2Fb": "a/b",
            "a%2fb": "a/b",
            "%252F": "%2F",
            "%00": "\0",
            "%C3%A9": "é",
            "%c3%a9": "é",
            "é": "é",
            "%ff": "\udcff",
            "%0a%0D": "\n\r",
            "a%20b+c": "a b+c",
            "a:b@c;d=e": "a:b@c;d=e",
        }
        for segment, key in expected.items():
            response = self.ask(f"/key/{segment}")
            self.assertEqual(response.body.decode(), ascii(key), segment)

    def test_url(self) -> None:
        """A target may be a whole URL; its host is of no consequence."""
        self.assertEqual(self.ask("http://a..b:99999/key/x").body, b"'x'")
        self.assertEqual(self.ask("http://lxd").body, b'["caller"]\n')
        self.assertEqual(self.ask("http://lxd?x").body, b'["caller"]\n')

    def test_long(self) -> None:
        """A path of tens of thousands of segments is as unknown as any other."""
        self.assert_refused(404, "Not Found\n", "/a" * 30_000)

    def test_args(self) -> None:
        """Parameters of a query are decoded; what makes no sense is no parameter."""
        expected = {
            "": [],
            "?": [],
            "?a": [],
            "?&&=&;&": [(b"", [b""])],
            "?a=1&b=%2F+&a=": [(b"a", [b"1", b""]), (b"b", [b"/ "])],
            "?a=%zz%": [(b"a", [b"%zz%"])],
            "?a=%ff%00=b?": [(b"a", [b"\xff\0=b?"])],
            "?é=1": [("é".encode(), [b"1"])],
        }
        for query, args in expected.items():
            self.assertEqual(self.ask(f"/args{query}").body, repr(args).encode(), query)

    def test_many_args(self) -> None:
        """Thousands of parameters are taken."""
        self.assertEqual(self.ask("/?" + "a=&" * 20_000).status, 200)


class FormTests(SurfaceCase):
    """Bodies that claim to be forms."""

    def test_forms(self) -> None:
        """A body is never parsed, whatever its type claims."""
        for kind in (
            "multipart/form-data",
            "multipart/form-data; boundary=",
            "multipart/form-data; boundary=x",
            "application/x-www-form-urlencoded",
            "text/plain; charset=\xff",
            "",
        ):
            for method, status in (("PATCH", 200), ("POST", 501)):
                head = f"{method} / HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\n"
                body = b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\nb&c=d"
                response = self.wire.ask(
                    head.encode("latin-1")
                    + b"Content-Length: %d\r\n\r\n" % len(body)
                    + body
                )
                self.assertEqual((kind, response.status), (kind, status))
