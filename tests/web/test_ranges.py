"""Tests of ``Range`` headers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from devlxd.web.ranges import BadRange, NoOverlap, Span, spans

# What is asked of ten bytes, and where they start and how many they are.
FOUND = {
    "bytes=0-3": [(0, 4)],
    "bytes=4-": [(4, 6)],
    "bytes=-3": [(7, 3)],
    "bytes=-30": [(0, 10)],
    "bytes=8-200": [(8, 2)],
    "bytes= 1 - 2 ,\t-1": [(1, 2), (9, 1)],
    "bytes=,,0-0,": [(0, 1)],
    "bytes=5-6,0-0": [(5, 2), (0, 1)],
    "bytes=20-,1-1": [(1, 1)],
    "bytes=-0,1-1": [(1, 1)],
    "bytes=0-9": [(0, 10)],
    "bytes=": [],
    "bytes=,": [],
}

BAD = (
    "",
    "bytes",
    "bytes=x",
    "bytes=-",
    "bytes=1",
    "bytes=2-1",
    "bytes=--1",
    "bytes=1-2-3",
    "bytes=+1-2",
    "bytes=1_0-20",
    "bytes=\u0661-2",
    "bytes=0-1,x",
    "bytes=1000000000000000000-",
    "bytes=20-,x-",
    "Bytes=0-1",
    "lines=0-1",
)

BEYOND = ("bytes=10-", "bytes=10-11,99-", "bytes=-0")


class RangesTests(SynchronousTestCase):
    """What a file has of what is asked."""

    def test_found(self) -> None:
        """Ranges are cut at the end, and those beyond it left out."""
        for header, expected in FOUND.items():
            found = [(span.start, span.length) for span in spans(header, 10)]
            self.assertEqual((header, found), (header, expected))

    def test_bad(self) -> None:
        """What is no range is refused as Go refuses it."""
        for header in BAD:
            error = self.assertRaises(BadRange, spans, header, 10)
            self.assertEqual((header, str(error)), (header, "invalid range"))

    def test_beyond(self) -> None:
        """So are ranges of which nothing is there."""
        for header in BEYOND:
            error = self.assertRaises(NoOverlap, spans, header, 10)
            self.assertEqual(str(error), "invalid range: failed to overlap")

    def test_empty(self) -> None:
        """An empty file is whole, whatever is asked of it."""
        for header in BEYOND:
            self.assertEqual(spans(header, 0), ())

    def test_more_than_all(self) -> None:
        """Ranges that make more than the file together are not worth it."""
        self.assertEqual(spans("bytes=0-5,4-9", 10), ())
        self.assertEqual(len(spans("bytes=0-5,4-7", 10)), 2)

    def test_many(self) -> None:
        """Neither are more than a hundred of them."""
        many = ",".join(f"{start}-{start}" for start in range(0, 200, 2))
        self.assertEqual(len(spans(f"bytes={many}", 1000)), 100)
        self.assertEqual(spans(f"bytes={many},300-300", 1000), ())

    def test_told(self) -> None:
        """A range is told with its last byte and the size of the file."""
        self.assertEqual(Span(2, 3).of(10), b"bytes 2-4/10")

    @given(
        st.one_of(
            st.text("bytes=0123456789-, \t", max_size=30).map("bytes={}".format),
            st.text(max_size=30),
        ),
        st.integers(0, 50),
    )
    def test_any(self, header: str, size: int) -> None:
        """Whatever is asked, only bytes that are there are found, or it is refused."""
        try:
            found = spans(header, size)
        except BadRange:
            return
        self.assertLessEqual(sum(span.length for span in found), size)
        for span in found:
            self.assertTrue(0 <= span.start < span.start + span.length <= size)
