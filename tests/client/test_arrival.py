"""Tests of images that arrive, without sockets."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import cast

from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.http_headers import Headers
from twisted.web.iweb import UNKNOWN_LENGTH, IResponse

from devlxd.client.arrival import SILENT, Arrival, Unusable

MARK = b"--b"
END = b"\r\n--b--\r\n"
TYPE = "multipart/form-data; boundary=b"


@frozen
class Answer:
    """The head of an answer."""

    headers: Headers
    code: int = 200
    length: object = UNKNOWN_LENGTH


def answer(**headers: str) -> IResponse:
    """As much of an answer as an image needs; underscores in names are dashes."""
    pairs = {name.replace("_", "-"): [value] for name, value in headers.items()}
    return cast(IResponse, Answer(Headers(pairs)))


def form(*files: tuple[bytes, bytes]) -> bytes:
    """A form of files, each its name and its content, and the end twice as LXD has
    it."""
    body = b"".join(
        b"\r\n" + MARK + b'\r\nContent-Disposition: form-data; name="x"; filename="%b"'
        b"\r\n\r\n%b" % file
        for file in files
    )
    return (body + END + END).removeprefix(b"\r\n")


class ArrivalTests(SynchronousTestCase):
    """Forms in any pieces."""

    def arrival(self, content: bytes = b"") -> Arrival:
        """An image of this content that is to come."""
        place = Path(self.mktemp())
        place.mkdir()
        return Arrival(place, hashlib.sha256(content).hexdigest(), SILENT)

    def taken(self, body: bytes, content: bytes, size: int = 1 << 20) -> list[bytes]:
        """The files of a form that comes in pieces of this size."""
        arrival = self.arrival(content)
        arrival.begin(answer(Content_Type=TYPE))
        self.addCleanup(arrival.close)
        for start in range(0, len(body), size):
            arrival.write(body[start : start + size])
            arrival.write(b"")
        return [path.read_bytes() for path in arrival.finish()]

    @given(
        st.lists(
            st.one_of(
                st.binary(max_size=40),
                st.text("\r\n-bx", max_size=40).map(str.encode),
            ).filter(lambda content: b"\r\n--b" not in b"\r\n" + content + b"\r\n--"),
            max_size=2,
        ),
        st.integers(1, 20),
    )
    def test_any(self, contents: list[bytes], size: int) -> None:
        """Files come to the byte, whatever they are and in whatever pieces."""
        body = form(*((b"f", content) for content in contents))
        self.assertEqual(self.taken(body, b"".join(contents), size), contents)

    def test_behind(self) -> None:
        """What follows the end is ignored."""
        self.assertEqual(
            self.taken(form((b"", b"x")) + form((b"", b"y")), b"x"), [b"x"]
        )

    def test_bad(self) -> None:
        """What is no form is refused, and so are headers without an end."""
        for body in (
            b"x" * 100,
            b"x\r\n--b\r\n\r\n",
            b"--bx\r\n",
            b"--b",
            b"--b\r\n" + b"x" * 20_000,
            form((b"f", b"\r\n--bx")),
            form((b"f", b"x")).replace(MARK + b"--", b""),
        ):
            self.assertRaises(Unusable, self.taken, body, b"x")

    def test_types(self) -> None:
        """The boundary is told by the type, with or without quotes, and a form must
        have one."""
        for kind in ("Multipart/Form-Data;x=y; boundary=b", f'{TYPE[:-1]}"b"'):
            arrival = self.arrival()
            arrival.begin(answer(Content_Type=kind))
            arrival.write(form())
            self.assertEqual(arrival.finish(), [])
        for kind in ("multipart/form-data", "multipart/form-data; boundary="):
            self.assertRaises(Unusable, self.arrival().begin, answer(Content_Type=kind))

    def test_files(self) -> None:
        """An answer of any other type is a file."""
        for kind in ("application/octet-stream", "multipart/byteranges; boundary=b"):
            arrival = self.arrival(form())
            arrival.begin(answer(Content_Type=kind))
            arrival.write(form())
            [path] = arrival.finish()
            self.assertEqual(path.read_bytes(), form())

    def test_names(self) -> None:
        """The name of a file is told by its disposition."""
        for disposition, name in (
            ("inline;filename=a.tar", "a.tar"),
            ('inline; filename="a b"', "a b"),
            ("inline", ""),
        ):
            arrival = self.arrival()
            arrival.begin(answer(Content_Disposition=disposition))
            self.addCleanup(arrival.close)
            self.assertEqual(arrival.names, [name])
        arrival = self.arrival()
        arrival.begin(answer(Content_Type=TYPE))
        self.addCleanup(arrival.close)
        arrival.write(form((b"a b", b""), (b"\xe9.tar", b"")))
        self.assertEqual(arrival.names, ["a b", "\xe9.tar"])
