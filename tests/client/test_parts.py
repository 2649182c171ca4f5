"""Tests of forms that are taken apart."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from devlxd.client.parts import BadForm, Head, Parts, boundary_of, filename_in

MARK = b"--b"


def form(*parts: tuple[bytes, bytes]) -> bytes:
    """A form of parts, each the headers and the content."""
    body = b"".join(
        b"\r\n" + MARK + b"\r\n" + headers + b"\r\n" + content
        for headers, content in parts
    )
    return (body + b"\r\n" + MARK + b"--\r\n").removeprefix(b"\r\n")


def taken(content: bytes, size: int = 1 << 20) -> list[tuple[str, bytes]]:
    """The names and contents of a form that comes in pieces of this size."""
    parts, found = Parts(b"b"), []
    for start in range(0, len(content), size):
        for step in parts.feed(content[start : start + size]):
            if isinstance(step, Head):
                found.append((step.filename, b""))
            else:
                found[-1] = (found[-1][0], found[-1][1] + step)
    if not parts.complete:
        raise BadForm("incomplete")
    return found


class PartsTests(SynchronousTestCase):
    """Forms in any pieces."""

    def test_empty(self) -> None:
        """Headers and contents may be empty."""
        self.assertEqual(taken(form((b"", b""), (b"", b"x"))), [("", b""), ("", b"x")])
        self.assertEqual(taken(form()), [])

    def test_behind(self) -> None:
        """What follows the end is ignored."""
        self.assertEqual(taken(form((b"", b"x")) + form((b"", b"y"))), [("", b"x")])

    @given(
        st.lists(
            st.one_of(
                st.binary(max_size=40),
                st.text("\r\n-bx", max_size=40).map(str.encode),
            ).filter(lambda content: b"\r\n--b" not in b"\r\n" + content + b"\r\n--"),
            max_size=3,
        ),
        st.integers(1, 20),
    )
    def test_any(self, contents: list[bytes], size: int) -> None:
        """Contents come to the byte, whatever they are and in whatever pieces."""
        headers = b'Content-Disposition: form-data; filename="f"\r\n'
        whole = form(*((headers, content) for content in contents))
        self.assertEqual(taken(whole, size), [("f", content) for content in contents])

    def test_bad(self) -> None:
        """What is no form is refused, and so are headers without an end."""
        for content in (b"x" * 100, b"x\r\n--b\r\n\r\n", b"--bx\r\n", b"--b"):
            self.assertRaises(BadForm, taken, content)
        self.assertRaises(BadForm, taken, b"--b\r\n" + b"x" * 20000)

    def test_types(self) -> None:
        """The boundary is told by the type, with or without quotes."""
        self.assertEqual(boundary_of("multipart/form-data; boundary=a1"), b"a1")
        self.assertEqual(boundary_of('Multipart/Form-Data;x=y; boundary="a1"'), b"a1")
        self.assertIsNone(boundary_of("application/octet-stream"))
        self.assertIsNone(boundary_of("multipart/byteranges; boundary=a1"))

    def test_names(self) -> None:
        """So is the name of a file, by its disposition."""
        self.assertEqual(filename_in("inline;filename=a.tar"), "a.tar")
        self.assertEqual(filename_in('form-data; filename="a b"'), "a b")
        self.assertEqual(filename_in("inline"), "")
