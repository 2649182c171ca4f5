"""The language of ``filter``."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from devlxd.errors import BadRequest
from devlxd.host.filters import wanted_by

_DOCUMENT = {
    "name": "c1",
    "status_code": 103,
    "ephemeral": False,
    "stateful": True,
    "profiles": ["default"],
    "config": {"user.role": "Web Server", "image.os": "debian", "user": "x"},
    "devices": {"eth0": {"type": "nic"}, "eth0.1": {"parent": "br0"}},
}
_WORDS = ("name", "c1", "eq", "ne", "not", "and", "or", '"', '"c1"', "config.", "")


class FilterTests(SynchronousTestCase):
    """`wanted_by` says whether a document is wanted."""

    def wanted(self, text: str) -> bool:
        """Whether a filter wants the document above."""
        return wanted_by(text)(_DOCUMENT)

    def test_comparisons(self) -> None:
        """A field equals a value in its form as text, whatever the capitals."""
        for text in (
            "",
            "name eq c1",
            "name eq C1",
            "name ne c2",
            "not name eq c2",
            "not not name eq c1",
            "status_code eq 103",
            "ephemeral eq false",
            "stateful eq true",
            'config.user.role eq "web server"',
            "config.image.os eq debian",
            "devices.eth0.type eq nic",
            "devices.eth0.1.parent eq br0",
            '"name"eq"c1"',
        ):
            self.assertTrue(self.wanted(text), text)
            if text:
                self.assertFalse(self.wanted(f"not {text}"), text)

    def test_nothing(self) -> None:
        """A field that is not there, or is no text, equals nothing."""
        for field in ("none", "config.user.none", "devices.eth0", "profiles", "name.x"):
            self.assertFalse(self.wanted(f'{field} eq ""'), field)
            self.assertTrue(self.wanted(f"{field} ne x"), field)

    def test_joined(self) -> None:
        """``and`` and ``or`` bind alike, from left to right."""
        yes, no = "name eq c1", "name eq c2"
        self.assertTrue(self.wanted(f"{yes} and {yes}"))
        self.assertFalse(self.wanted(f"{yes} and {no}"))
        self.assertTrue(self.wanted(f"{no} or {yes}"))
        self.assertFalse(self.wanted(f"{yes} or {yes} and {no}"))
        self.assertTrue(self.wanted(f"{no} and {no} or {yes}"))

    def test_quoted(self) -> None:
        """What is in quotes is no operator."""
        self.assertFalse(self.wanted('name eq "and"'))
        for text, why in (
            ('name "eq" c1', '"eq" is no operator'),
            ("name is c1", "is is no operator"),
            ('name eq c1 "and" name eq c1', '"and" is neither and nor or'),
            ("name eq c1 name eq c1", "name is neither and nor or"),
            ('name eq "c1', "a quote is not closed"),
            ("not", "a field is missing at its end"),
            ("name", "an operator is missing at its end"),
            ("name eq", "a value is missing at its end"),
            ("name eq c1 and", "a field is missing at its end"),
        ):
            error: BadRequest = self.assertRaises(BadRequest, wanted_by, text)
            self.assertEqual(error.text, f"Invalid filter: {why}")

    @given(st.lists(st.sampled_from(_WORDS)).map(" ".join) | st.text())
    def test_anything(self, text: str) -> None:
        """Whatever is asked for is answered or refused."""
        try:
            self.assertIsInstance(self.wanted(text), bool)
        except BadRequest as error:
            self.assertTrue(error.text.startswith("Invalid filter: "))
