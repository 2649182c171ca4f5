"""Events as bytes."""

from __future__ import annotations

import json
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from devlxd.events.wire import Encoder, gap, latest, rfc3339
from devlxd.model.event import Event, EventType, Record

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def config(seq: int, value: str) -> Record:
    """An event of a key."""
    metadata = {"key": "user.a", "old_value": "", "value": value}
    return Record(seq, 10**18, Event(EventType.CONFIG, metadata))


class TimeTests(SynchronousTestCase):
    """`rfc3339` shows times as Go does."""

    def test_digits(self) -> None:
        """Up to nine digits of a second, without zeros at the end."""
        for nanoseconds, shown in (
            (0, "1970-01-01T00:00:00Z"),
            (1, "1970-01-01T00:00:00.000000001Z"),
            (10**9 - 1, "1970-01-01T00:00:00.999999999Z"),
            (1_500_000_000, "1970-01-01T00:00:01.5Z"),
            (1_795_501_784_519_361_032, "2026-11-24T06:29:44.519361032Z"),
        ):
            self.assertEqual(rfc3339(nanoseconds), shown)

    @given(st.integers(0, 4 * 10**18))
    def test_read_again(self, nanoseconds: int) -> None:
        """What is shown is the time, to the microsecond that Python can read."""
        text = rfc3339(nanoseconds)
        whole, _, fraction = text.removesuffix("Z").partition(".")
        seconds = datetime.fromisoformat(f"{whole}+00:00").timestamp()
        self.assertEqual(int(seconds), nanoseconds // 10**9)
        self.assertEqual(int(fraction.ljust(9, "0")), nanoseconds % 10**9)


class EncoderTests(SynchronousTestCase):
    """`Encoder` makes lines."""

    @given(TEXTS)
    def test_line(self, value: str) -> None:
        """Any value is one line, that JSON reads and HTML cannot be hurt by."""
        line = Encoder(numbered=True)(config(7, value))
        self.assertEqual(line.count(b"\n"), 1)
        self.assertFalse(set(line) & set(b"<>&"))
        document = json.loads(line)
        self.assertEqual(document["metadata"]["value"], value)
        self.assertEqual(list(document), ["type", "timestamp", "metadata", "seq"])

    def test_once(self) -> None:
        """An event is encoded once, however often it is asked for in a row."""
        encoder = Encoder(numbered=False)
        one, two = config(1, "a"), config(2, "b")
        self.assertIs(encoder(one), encoder(one))
        self.assertNotEqual(encoder(one), encoder(two))
        self.assertIn(b'"value":"a"', encoder(one))

    def test_own(self) -> None:
        """Our own messages have the form of events."""
        for line, metadata, seq in (
            (gap(3, 10, 0), {"oldest": 10, "since": 3}, 9),
            (latest(5, 0), {}, 5),
        ):
            document = json.loads(line)
            self.assertEqual(list(document), ["type", "timestamp", "metadata", "seq"])
            self.assertEqual((document["metadata"], document["seq"]), (metadata, seq))
