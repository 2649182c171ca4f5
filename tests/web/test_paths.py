"""Paths in their normal form."""

from __future__ import annotations

from urllib.parse import quote_from_bytes, unquote_to_bytes

from hypothesis import example, given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase
from werkzeug.routing import Map

from devlxd.web.paths import (
    BadPath,
    SegmentConverter,
    clean,
    normal,
    without_authority,
)

SEGMENTS = st.lists(st.sampled_from(["", ".", "..", "a", "b.", "...", "%2F", "%2E"]))


def encoded(data: bytes) -> bytes:
    """A path whose every byte is encoded."""
    return b"/" + b"".join(b"%%%02x" % byte for byte in data)


def cleaned(path: str) -> str:
    """What `clean` should give, worked out segment by segment."""
    stack: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del stack[-1:]
        elif segment not in ("", "."):
            stack.append(segment)
    end = "/" if path.endswith("/") and stack else ""
    return "/" + "/".join(stack) + end


class NormalTests(SynchronousTestCase):
    """What is encoded without need."""

    @given(st.binary())
    def test_meaning(self, data: bytes) -> None:
        """A normal path means the same as the one it was made from."""
        self.assertEqual(unquote_to_bytes(normal(encoded(data)))[1:], data)

    @given(st.binary())
    def test_form(self, data: bytes) -> None:
        """All but unreserved characters stay encoded, in upper case."""
        expected = "/" + quote_from_bytes(data, safe="")
        self.assertEqual(normal(encoded(data)).decode(), expected)

    @given(st.binary())
    def test_once(self, data: bytes) -> None:
        """A normal path is its own normal form."""
        path = normal(encoded(data))
        self.assertEqual(normal(path), path)

    def test_left(self) -> None:
        """Characters that are not encoded stay so, whatever they are."""
        path = b"/1.0/config/user.a:b@c;d=e,f!$&'()*+\"<>|\\^`{}[]"
        self.assertEqual(normal(path), path)

    def test_bad(self) -> None:
        """A percent sign without two hexadecimal digits makes a path bad."""
        for path in (b"/%", b"/%2", b"/%zz", b"/a%4/", b"/%%41", b"/%\xff\xff"):
            self.assertRaises(BadPath, normal, path)

    def test_no_path(self) -> None:
        """What begins with no slash is no path."""
        for path in (b"", b"*", b"a", b"host:443", b"%2F"):
            self.assertRaises(BadPath, normal, path)


class CleanTests(SynchronousTestCase):
    """What points nowhere else."""

    @given(SEGMENTS)
    @example(["", ""])
    @example([".."])
    def test_clean(self, segments: list[str]) -> None:
        """Empty segments, dots and double dots are gone, with what they undo."""
        path = "/" + "/".join(segments)
        self.assertEqual(clean(path.encode()).decode(), cleaned(path))

    @given(SEGMENTS)
    def test_once(self, segments: list[str]) -> None:
        """A clean path is its own clean form."""
        path = clean(("/" + "/".join(segments)).encode())
        self.assertEqual(clean(path), path)

    def test_slash(self) -> None:
        """A slash at the end makes a difference, except in the root."""
        self.assertEqual(clean(b"/1.0/"), b"/1.0/")
        self.assertEqual(clean(b"/x/../"), b"/")


class AuthorityTests(SynchronousTestCase):
    """Targets that are whole URLs."""

    def test_url(self) -> None:
        """Of a URL its path is left."""
        self.assertEqual(without_authority(b"http://lxd/1.0"), b"/1.0")
        self.assertEqual(without_authority(b"h2+x.y-z://a:1@b/c?d"), b"/c?d")

    def test_no_path(self) -> None:
        """A URL without a path means the root."""
        self.assertEqual(without_authority(b"http://lxd"), b"/")

    def test_path(self) -> None:
        """A path stays what it is, also when it holds a URL."""
        for path in (b"/1.0", b"//lxd/1.0", b"/http://lxd", b"", b"*", b"lxd:443"):
            self.assertEqual(without_authority(path), path)


class SegmentTests(SynchronousTestCase):
    """Variable segments."""

    def setUp(self) -> None:
        """Make a converter."""
        self.converter = SegmentConverter(Map())

    @given(st.binary(min_size=1))
    def test_any_bytes(self, data: bytes) -> None:
        """A segment can carry all bytes, those that are no UTF-8 as surrogates."""
        value = self.converter.to_python(quote_from_bytes(data, safe=""))
        self.assertEqual(value.encode("utf-8", "surrogateescape"), data)
