"""Forms, taken apart as they come."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from devlxd.web.formdata import BadForm, FormData

HEAD = b'Content-Disposition: form-data; name="%b"; filename="%b.gz"\r\n'

# Contents that look like boundaries.
contents = st.lists(
    st.sampled_from([b"\r", b"\n", b"-", b"X", b"\r\n--X", b"XX", b"--", b"a"]),
    max_size=12,
).map(b"".join)


def form(*parts: tuple[bytes, bytes], end: bytes = b"--\r\n") -> bytes:
    """A form whose boundary is ``XX``."""
    return (
        b"".join(
            b"--XX\r\n" + HEAD % (name, name) + b"\r\n" + content + b"\r\n"
            for name, content in parts
        )
        + b"--XX"
        + end
    )


def read(*pieces: bytes) -> tuple[list[tuple[str, bytes]], bool]:
    """The fields of a form that came in pieces, and whether it is complete."""
    data = FormData(b"XX")
    fields: list[tuple[str, bytes]] = []
    for piece in pieces:
        for event in data.feed(piece):
            if isinstance(event, str):
                fields.append((event, b""))
            else:
                name, content = fields[-1]
                fields[-1] = (name, content + event)
    return fields, data.is_complete


class FormDataTests(SynchronousTestCase):
    """Tests of `FormData`."""

    def test_whole(self) -> None:
        """Fields come with their names, in order."""
        body = form((b"a", b"1"), (b"b", b""), (b"c", b"\r\n\r\n"))
        fields = [("a", b"1"), ("b", b""), ("c", b"\r\n\r\n")]
        self.assertEqual(read(body), (fields, True))

    @given(contents, contents, st.lists(st.integers(1, 30), min_size=1))
    def test_pieces(self, one: bytes, other: bytes, sizes: list[int]) -> None:
        """Contents are to the byte what was sent, in whatever pieces."""
        body = form((b"a", one), (b"b", other)) + b"behind"
        if b"\r\n--XX" in one + b"|" + other:
            return
        pieces: list[bytes] = []
        place = 0
        while place < len(body):
            size = sizes[len(pieces) % len(sizes)]
            pieces.append(body[place : place + size])
            place += size
        self.assertEqual(read(*pieces), ([("a", one), ("b", other)], True))

    def test_around(self) -> None:
        """What is before the first boundary and behind the last one is ignored; blanks
        may follow a boundary, and heads go on in the next line."""
        body = b"hello\r\n" + form((b"a", b"1")) + form((b"b", b"2"))
        self.assertEqual(read(body), ([("a", b"1")], True))
        odd = b"--XX \t\r\nX: y\r\ncontent-disposition: form-data;\r\n name=a\r\n\r\n1"
        self.assertEqual(read(odd + b"\r\n--XX--"), ([("a", b"1")], True))

    def test_incomplete(self) -> None:
        """A form without its end is not complete."""
        for end in (b"", b"-", b"\r\n"):
            self.assertEqual(read(form((b"a", b"1"), end=end)), ([("a", b"1")], False))
        self.assertEqual(read(b"x" * 1000, b"y" * 1000), ([], False))

    def test_bad(self) -> None:
        """What is no form is refused, and so is what would have to be kept."""
        for body in (
            b"--XXX\r\n",
            b"--XX" + b" " * 2000,
            b"--XX\r\nContent-Type: x\r\n\r\n",
            b"--XX\r\nContent-Disposition: form-data\r\n\r\n",
            b"--XX\r\n" + b"x" * 20_000,
        ):
            self.assertRaises(BadForm, read, body)

    def test_memory(self) -> None:
        """Of a large content next to nothing is kept."""
        data = FormData(b"XX")
        list(data.feed(form((b"a", b""), end=b"")[:-6]))
        for _ in range(100):
            list(data.feed(b"x" * 65_536))
            self.assertLess(len(data._buffer), 10)
