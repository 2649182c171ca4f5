"""Forms, taken apart as they come."""

from __future__ import annotations

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from devlxd.errors import BadRequest
from devlxd.host.imageforms import Form, form_of
from devlxd.model.instance import InstanceType
from tests.host.tarballs import FORM, form

HEAD = b'--XX\r\nContent-Disposition: form-data; name="metadata"\r\n\r\n'
END = b"\r\n--XX--"

# Contents that look like boundaries.
contents = st.lists(
    st.sampled_from([b"\r", b"\n", b"-", b"X", b"\r\n--X", b"XX", b"--", b"a"]),
    max_size=12,
).map(b"".join)


def opened() -> Form:
    """A form whose boundary is ``XX``."""
    return form_of(FORM["Content-Type"])


def read(*pieces: bytes) -> tuple[bytes, bytes]:
    """The two files of a form that came in pieces."""
    taken, files = opened(), [b"", b""]
    for piece in pieces:
        for content, is_second in taken.feed(piece):
            files[is_second] += content
    taken.end()
    return files[0], files[1]


def split(body: bytes, sizes: list[int]) -> list[bytes]:
    """A body in pieces of these sizes, again and again."""
    pieces: list[bytes] = []
    place = 0
    while place < len(body):
        size = sizes[len(pieces) % len(sizes)]
        pieces.append(body[place : place + size])
        place += size
    return pieces


class SplitTests(SynchronousTestCase):
    """Tests of forms of two files."""

    def test_whole(self) -> None:
        """The files come in order, whatever is in them."""
        body = form(("metadata", b""), ("rootfs", b"\r\n\r\n"))
        self.assertEqual(read(body), (b"", b"\r\n\r\n"))

    def test_type(self) -> None:
        """The name of the second field says what the image is for."""
        taken = opened()
        list(taken.feed(form(("metadata", b""), ("rootfs.img", b""))))
        self.assertIs(taken.type, InstanceType.VIRTUAL_MACHINE)

    @given(contents, contents, st.lists(st.integers(1, 30), min_size=1))
    def test_pieces(self, one: bytes, other: bytes, sizes: list[int]) -> None:
        """Files are to the byte what was sent, in whatever pieces."""
        if b"\r\n--XX" in b"\r\n" + one + b"|\r\n" + other:
            return
        body = form(("metadata", one), ("rootfs", other)) + b"behind"
        self.assertEqual(read(*split(body, sizes)), (one, other))

    def test_cuts(self) -> None:
        """So they are wherever the body is cut in two, and with nothing between."""
        body = form(("metadata", b"\r\n--X"), ("rootfs", b"\r\n-\r")) + END + b"\r\n"
        for place in range(len(body)):
            pieces = body[:place], b"", body[place:]
            self.assertEqual(read(*pieces), (b"\r\n--X", b"\r\n-\r"))

    def test_around(self) -> None:
        """What is before the first boundary and behind the last one is ignored, and
        heads go on in the next line."""
        body = form(("metadata", b"1"), ("rootfs", b"2"))
        self.assertEqual(read(b"hello\r\n" + body + body), (b"1", b"2"))
        odd = b"--XX\r\nX: y\r\ncontent-disposition: form-data;\r\n name=metadata\r\n"
        second = b'\r\n--XX\r\nContent-Disposition: form-data; name="rootfs"\r\n\r\n2'
        self.assertEqual(read(odd + b"\r\n1" + second + END), (b"1", b"2"))

    def test_filename(self) -> None:
        """The names of files are in any encoding."""
        first = b'form-data; name="metadata"; filename="\xff"'
        body = form(("metadata", b"1"), ("rootfs", b"2"))
        named = body.replace(b'form-data; name="metadata"', first)
        self.assertEqual(read(named), (b"1", b"2"))

    def test_incomplete(self) -> None:
        """A form without its end is refused."""
        fields = ("metadata", b"1"), ("rootfs", b"2")
        for end in (b"", b"-", b"\r\n"):
            self.assertRaises(BadRequest, read, form(*fields, end=end))
        self.assertRaises(BadRequest, read, b"x" * 1000, b"y" * 1000)

    def test_bad(self) -> None:
        """What is no form is refused, and so are contents with a boundary in them."""
        for body in (
            b"--XXX\r\n",
            b"--XX" + b" " * 2000,
            b"--XX \r\n",
            b"--XX\r\n\r\n",
            b"--XX\r\nContent-Type: x\r\n\r\n",
            b"--XX\r\nContent-Disposition: form-data\r\n\r\n",
            b"--XX\r\nContent-Disposition: inline; name=metadata\r\n\r\n",
            HEAD + b"\r\n--XXX\r\n" + b"x" * 99 + END,
        ):
            # At once: not only because the form has no end.
            self.assertRaises(BadRequest, lambda body: list(opened().feed(body)), body)

    def test_boundary(self) -> None:
        """A form must say what is between its fields."""
        for rest in ("", "; boundary=", '; boundary=""', '; boundary="a\nb"'):
            self.assertRaises(BadRequest, form_of, f"multipart/form-data{rest}")


class BoundTests(SynchronousTestCase):
    """Tests of how much is kept of what goes on and on."""

    def test_content(self) -> None:
        """Of a content less than a boundary's length is kept, whatever it looks
        like."""
        for piece in (b"x" * 65_536, b"\r\n--X" * 9999, b"\r", b"\n--X"):
            taken, missing = opened(), 0
            list(taken.feed(HEAD))
            for _ in range(100):
                missing += len(piece) - sum(len(x) for x, _ in taken.feed(piece))
                self.assertLess(missing, 10)

    def test_before(self) -> None:
        """Of what is before the first boundary nearly nothing is kept, and of what is
        behind the last one nothing."""
        for begin in (b"\r\n", HEAD + END):
            taken = opened()
            list(taken.feed(begin))
            tracemalloc.start()
            for _ in range(20):
                list(taken.feed(b"\r\n--X" * 40_000))
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            self.assertLess(peak, 1_000_000)

    def test_heads(self) -> None:
        """Heads that go on and on are refused, in whatever way they do."""
        for line in (b"x", b"x" * 1000, b"X: y\r\n", b" z\r\n"):
            taken = opened()
            list(taken.feed(b"--XX\r\nX: y\r\n"))
            kept = 0
            with self.assertRaises(BadRequest):
                while kept < 100_000:
                    list(taken.feed(line))
                    kept += len(line)
            self.assertLess(kept, 10_000)
            self.assertEqual(list(taken.feed(HEAD)), [])
            self.assertRaises(BadRequest, taken.end)
