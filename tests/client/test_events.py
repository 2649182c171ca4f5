"""Tests of devlxd.client.events."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

from twisted.trial.unittest import SynchronousTestCase

from devlxd.client.events import Event, Gap, Latest, document, message
from tests.client.eventservice import TIME, config, gap, latest, line

CONFIG = {"key": "user.a", "old_value": "", "value": "1"}
DEVICE = {"action": "added", "config": {"type": "nic"}, "name": "eth0"}


class MessageTests(SynchronousTestCase):
    """What a line says."""

    def test_event(self) -> None:
        """An event has a type, a time, its data, and a number if it is kept."""
        self.assertEqual(message(config("1")), Event("config", TIME, CONFIG))
        self.assertEqual(message(config("1", 7)), Event("config", TIME, CONFIG, 7))
        self.assertEqual(
            message(line("device", DEVICE, 8)), Event("device", TIME, DEVICE, 8)
        )

    def test_own(self) -> None:
        """A service that numbers events has two messages of its own."""
        self.assertEqual(message(latest(0)), Latest(0))
        self.assertEqual(message(gap(3, 6)), Gap(3, 6))
        self.assertEqual(Gap(3, 6).seq, 5)
        self.assertIsNone(Gap(3, None).seq)

    def test_newer(self) -> None:
        """What a newer service adds is ignored, and its types of events are known by
        their names."""
        told = line("image", {"a": [1]}, 1).replace(b"{", b'{"project":"",', 1)
        self.assertEqual(message(told), Event("image", TIME, {"a": [1]}, 1))
        self.assertEqual(message(line("gap", {})), Event("gap", TIME, {}))

    def test_any_bytes(self) -> None:
        """Bytes that are not UTF-8 are kept as surrogates, as in values."""
        told = message(config("1").replace(b'"1"', b'"\xff"'))
        assert isinstance(told, Event)
        self.assertEqual(told.metadata["value"], "\udcff")

    def test_wrong(self) -> None:
        """A line of another kind is none."""
        for wrong in (
            b"",
            b"[]",
            b"nonsense",
            b'{"timestamp":"x","metadata":{}}',
            b'{"type":"config","metadata":{}}',
            b'{"type":"config","metadata":{},"seq":1}',
            b'{"type":"config","timestamp":"x"}',
            b'{"type":"config","timestamp":"x","metadata":[]}',
            b'{"type":"config","timestamp":"x","metadata":{},"seq":"1"}',
            b'{"type":"config","timestamp":"x","metadata":{},"seq":true}',
            b'{"type":"latest","metadata":{},"seq":null}',
            b'{"type":"gap","metadata":{"since":1},"seq":1}',
        ):
            self.assertRaises(ValueError, message, wrong)

    def test_time(self) -> None:
        """A time is known to the nanosecond by its text, and to the microsecond."""
        for text, time in (
            (TIME, datetime(2026, 11, 24, 6, 29, 44, 519361, UTC)),
            ("2026-11-24T06:29:44Z", datetime(2026, 11, 24, 6, 29, 44, 0, UTC)),
            (
                "2026-11-24T06:29:44.5+02:00",
                datetime(
                    *(2026, 11, 24, 6, 29, 44, 500_000), timezone(timedelta(hours=2))
                ),
            ),
        ):
            self.assertEqual(Event("config", text, {}).time, time)

    def test_document(self) -> None:
        """An event is again what the service said; a gap has no time."""
        for told in (config("1"), config("1", 7), line("device", DEVICE, 8)):
            said = message(told)
            assert not isinstance(said, Latest)
            self.assertEqual(list(document(said).items()), [*json.loads(told).items()])
        self.assertEqual(
            document(Gap(3, 6)),
            {"type": "gap", "metadata": {"oldest": 6, "since": 3}, "seq": 5},
        )
        self.assertEqual(
            document(Gap(None, None)),
            {"type": "gap", "metadata": {"oldest": None, "since": None}, "seq": None},
        )
