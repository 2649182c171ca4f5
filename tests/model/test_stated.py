"""Tests of the texts of fields."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from twisted.trial.unittest import SynchronousTestCase

from devlxd.errors import InvalidData
from devlxd.model.instance import InstanceType
from devlxd.model.stated import INSTANCE_FIELDS, StatedInstance, StatedProfile
from tests.model.manifests import random, times


class FieldTests(SynchronousTestCase):
    """Tests of `INSTANCE_FIELDS`."""

    def refuses(self, key: str, *texts: str) -> None:
        """Check that a field reads none of these."""
        for text in texts:
            self.assertRaises(InvalidData, INSTANCE_FIELDS[key].read, text)

    def test_type(self) -> None:
        """A type is one of LXD's two words."""
        read = INSTANCE_FIELDS["type"].read
        self.assertIs(read("container"), InstanceType.CONTAINER)
        self.assertIs(read("virtual-machine"), InstanceType.VIRTUAL_MACHINE)
        self.refuses("type", "", "vm", "Container")

    def test_boolean(self) -> None:
        """A boolean is any of LXD's words for it."""
        for key in ("ephemeral", "stateful"):
            read = INSTANCE_FIELDS[key].read
            self.assertEqual([read(x) for x in ("true", "YES", "1", "on")], [True] * 4)
            self.assertEqual([read(x) for x in ("false", "no", "0")], [False] * 3)
            self.refuses(key, "", "y", "2", "maybe")

    def test_time(self) -> None:
        """A time may have nanoseconds and an offset; without one it is in UTC."""
        read = INSTANCE_FIELDS["created_at"].read
        for text, time in {
            "2026-01-02T03:04:05.123456789Z": (2026, 1, 2, 3, 4, 5, 123456),
            "2026-01-02T03:04:05+02:00": (2026, 1, 2, 1, 4, 5),
            "2026-01-02 03:04:05": (2026, 1, 2, 3, 4, 5),
            "2026-01-02": (2026, 1, 2),
            "0001-01-01T00:00:00Z": (1, 1, 1),
        }.items():
            self.assertEqual(read(text), datetime(*time, tzinfo=UTC))  # type: ignore[arg-type, misc]
        self.refuses("created_at", "", "yesterday", "2026-13-01")
        self.refuses("created_at", "0001-01-01T00:00:00+01:00")

    @random
    @given(times)
    def test_times(self, time: datetime) -> None:
        """Every time is read as it was written."""
        form = INSTANCE_FIELDS["created_at"]
        self.assertEqual(form.read(form.write(time)), time)

    def test_profile(self) -> None:
        """The name of a profile is one within the project of the instance."""
        self.assertEqual(INSTANCE_FIELDS["profiles"].read("web-1"), "web-1")
        self.refuses("profiles", "", "lab/web", "a b")

    def test_text(self) -> None:
        """A text is any that can be handed out."""
        self.assertEqual(INSTANCE_FIELDS["description"].read("ä\n"), "ä\n")
        self.refuses("description", "\ud800")


class ScalarsTests(SynchronousTestCase):
    """Tests of `StatedProfile.scalars`."""

    def test_stated(self) -> None:
        """What is stated is there, be it empty or false; nothing else is."""
        self.assertEqual(StatedProfile(config={"user.a": "1"}).scalars(), {})
        self.assertEqual(
            StatedInstance(description="", ephemeral=False, profiles=()).scalars(),
            {"description": "", "ephemeral": False, "profiles": ()},
        )
