"""Tests of devlxd.client.eventlines."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from devlxd.client.eventlines import event_line, gap_line
from devlxd.client.events import Event, Gap
from tests.client.eventservice import TIME

START = "2026-11-24T06:29:44Z "


def config(key: str, old: str, new: str) -> Event:
    """An event of a key."""
    return Event("config", TIME, {"key": key, "old_value": old, "value": new})


class EventLineTests(SynchronousTestCase):
    """What people read of an event."""

    def seen(self, event: Event) -> str:
        """What follows the time."""
        line = event_line(event)
        self.assertEqual(line[: len(START)], START)
        return line[len(START) :]

    def test_config(self) -> None:
        """A key is shown with its value before and after."""
        self.assertEqual(
            self.seen(config("user.foo", "bar", "baz")), "user.foo: bar -> baz"
        )

    def test_none(self) -> None:
        """What is not there is said not to be."""
        self.assertEqual(self.seen(config("user.a", "", "b")), "user.a: (none) -> b")
        self.assertEqual(self.seen(config("user.a", "b", "")), "user.a: b -> (none)")

    def test_device(self) -> None:
        """A device is shown with what happened to it."""
        metadata = {"action": "added", "config": {"type": "nic"}, "name": "eth0"}
        self.assertEqual(
            self.seen(Event("device", TIME, metadata)), "device eth0 added"
        )

    def test_time(self) -> None:
        """The time zone is the service's; a second has no fraction."""
        for text, seen in (
            ("2026-11-24T06:29:44Z", "2026-11-24T06:29:44Z"),
            ("2026-11-24T06:29:44.5+02:00", "2026-11-24T06:29:44+02:00"),
        ):
            event = Event("device", text, {"name": "a", "action": "added"})
            self.assertEqual(event_line(event), f"{seen} device a added")

    def test_long(self) -> None:
        """Long values are cut so that the line has 80 columns; one that is short leaves
        its room to the other."""
        for old, new, seen in (
            ("o" * 99, "n" * 99, f"{'o' * 19}... -> {'n' * 19}..."),
            ("o" * 99, "n", f"{'o' * 40}... -> n"),
            ("", "n" * 99, f"(none) -> {'n' * 35}..."),
            ("o" * 22, "n" * 22, f"{'o' * 22} -> {'n' * 22}"),
        ):
            line = event_line(config("user.mine", old, new))
            self.assertLessEqual(len(line), 80)
            self.assertEqual(line, f"{START}user.mine: {seen}", line)

    def test_long_key(self) -> None:
        """A key is never cut, and something is shown of its values."""
        key = f"user.{'k' * 80}"
        self.assertEqual(
            self.seen(config(key, "o" * 99, "n" * 99)),
            f"{key}: {'o' * 9}... -> {'n' * 9}...",
        )

    def test_safe(self) -> None:
        """Nothing can move the cursor or break the line."""
        metadata = {"name": "eth0\n", "action": "\x1badded"}
        for event, seen in (
            (config("user.\n", "a\r", "\x1b[31m"), "user.\\n: a\\r -> \\x1b[31m"),
            (Event("device", TIME, metadata), "device eth0\\n \\x1badded"),
            (Event("a\n", TIME, {"a": "\n"}), 'a\\n {"a": "\\n"}'),
        ):
            self.assertEqual(self.seen(event), seen)

    def test_other(self) -> None:
        """What is of another shape is shown as it is, and cut, too."""
        shapes: list[tuple[str, dict[str, Any], str]] = [
            ("config", {"key": 1}, 'config {"key": 1}'),
            ("device", {}, "device {}"),
            ("image", {"x": "y" * 99}, f'image {{"x": "{"y" * 43}...'),
        ]
        for kind, metadata, seen in shapes:
            self.assertEqual(self.seen(Event(kind, TIME, metadata)), seen)


class GapLineTests(SynchronousTestCase):
    """What people read of a gap."""

    def test_lost(self) -> None:
        """It is said which events are lost."""
        for gap, seen in (
            (Gap(3, 5), "event 4 is lost"),
            (Gap(3, 6), "events 4 to 5 are lost"),
            (Gap(None, 3), "events 1 to 2 are lost"),
        ):
            self.assertEqual(gap_line(gap), seen)

    def test_unknown(self) -> None:
        """It is said why nobody knows."""
        for gap, seen in (
            (Gap(None, None), "events may be missing: the service keeps none"),
            (Gap(5, None), "events may be missing: the service keeps none"),
            (Gap(500, 4), "events may be missing: the service numbers them anew"),
        ):
            self.assertEqual(gap_line(gap), seen)
