"""The page of the manual on what servers answer is what the tables say."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.conformance.page import page
from tests.need import need_checkout


class PageTests(SynchronousTestCase):
    """``docs/conformance.md``."""

    maxDiff = None

    def test_page(self) -> None:
        """It is made of the tables, as they are now."""
        file = need_checkout() / "docs" / "conformance.md"
        self.assertEqual(file.read_text(), page())
