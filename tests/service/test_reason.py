"""How errors of the system are told."""

from __future__ import annotations

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from devlxd.service.reason import reason

FULL = "No space left on device"


class ReasonTests(SynchronousTestCase):
    """`reason` makes a text of an exception."""

    def test_file(self) -> None:
        """What is wrong stands after the file that it is about."""
        self.assertEqual(reason(OSError(28, FULL, "/x")), f"/x: {FULL}")
        self.assertEqual(reason(OSError(28, FULL, b"/x")), f"/x: {FULL}")
        self.assertEqual(reason(OSError(28, FULL, "/x"), Path("/y")), f"/x: {FULL}")

    def test_no_file(self) -> None:
        """Without a file, after the place that the caller names, if any."""
        self.assertEqual(reason(OSError(28, FULL), Path("/y")), f"/y: {FULL}")
        self.assertEqual(reason(OSError(28, FULL)), FULL)

    def test_other(self) -> None:
        """Other errors have their own words."""
        self.assertEqual(reason(ValueError("odd")), "odd")
        self.assertEqual(reason(OSError("odd")), "odd")
