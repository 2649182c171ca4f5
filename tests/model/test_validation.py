"""Tests of which keys and values an instance or profile may hold."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from devlxd.errors import InvalidData
from devlxd.model.validation import (
    check_config,
    check_devices,
    check_text,
    is_false,
    is_true,
)
from tests.model.worlds import NAMESPACES

TRUE = ("true", "1", "yes", "on")
FALSE = ("false", "0", "no", "off")


def in_all_cases(words: tuple[str, ...]) -> list[str]:
    """Words in lower, upper and mixed case."""
    return [case(word) for word in words for case in (str, str.upper, str.title)]


class BooleanTests(SynchronousTestCase):
    """Tests of `is_true` and `is_false`."""

    def test_words(self) -> None:
        """LXD's words for true and for false count in any case."""
        for words, true in ((TRUE, True), (FALSE, False)):
            for word in in_all_cases(words):
                self.assertEqual((is_true(word), is_false(word)), (true, not true))

    def test_neither(self) -> None:
        """Any other text, or none, is neither true nor false."""
        for word in (
            None,
            "",
            " true",
            "true\n",
            "t",
            "2",
            "y",
            "n",
            "null",
            "\uff11",
            "\u017f",
        ):
            self.assertEqual((is_true(word), is_false(word)), (False, False))


class TextTests(SynchronousTestCase):
    """Tests of `check_text`."""

    @given(st.text())
    def test_any_text(self, text: str) -> None:
        """Any Unicode text is good, NUL and line ends included."""
        self.assertIs(check_text(text), text)

    def test_long(self) -> None:
        """A text may be as long as it likes."""
        text = "é" * 1_000_000
        self.assertIs(check_text(text), text)

    def test_surrogates(self) -> None:
        """Half a surrogate pair is refused, since HTTP cannot carry it."""
        for text in ("\ud800", "a\udfffb", "\udc80"):
            error = self.assertRaises(InvalidData, check_text, text)
            self.assertEqual(error.text, "Invalid value: not valid Unicode")

    def test_no_text(self) -> None:
        """What is no string is refused, whatever it is."""
        for value in (None, 1, True, b"a", ["a"], {"a": "b"}):
            error = self.assertRaises(InvalidData, check_text, value)
            self.assertEqual(error.text, "Invalid value: not a string")


class ConfigTests(SynchronousTestCase):
    """Tests of `check_config`."""

    def test_namespaces(self) -> None:
        """A key in any of LXD's namespaces is good, with any value."""
        for namespace in NAMESPACES:
            check_config({f"{namespace}x": "\0 é\n", f"{namespace}é/ x.y": ""})
        check_config({})

    def test_unknown(self) -> None:
        """A key in no known namespace, or with nothing in it, is refused by name."""
        for key in (
            *(
                "",
                ".",
                "user",
                "user.",
                ".user.a",
                "users.a",
                "User.a",
                " user.a",
                "a.b",
            ),
            *("user.a\n", "user.\0", "user.\x1b[2J", "volatile", "expanded_config.a"),
        ):
            error = self.assertRaises(InvalidData, check_config, {key: "1"})
            self.assertEqual(
                error.text, f"Invalid config: Unknown configuration key: {key!r}"
            )

    def test_booleans(self) -> None:
        """A key for a boolean takes all words for one, and the empty value."""
        for key in ("security.devlxd", "security.devlxd.images", "security.guestapi"):
            for value in ("", *in_all_cases(TRUE), *in_all_cases(FALSE)):
                check_config({key: value})
            for value in ("maybe", "2", " true"):
                self.assertRaises(InvalidData, check_config, {key: value})
        check_config({"user.bool": "maybe", "security.nesting.x": "maybe"})

    def test_texts(self) -> None:
        """Keys and values have to be texts that can be carried."""
        bad: list[dict[Any, Any]] = [{"user.\ud800": ""}, {"user.a": "\ud800"}]
        for config in (*bad, {"user.a": 1}, {"user.a": None}, {1: "a"}):
            self.assertRaises(InvalidData, check_config, config)


class DevicesTests(SynchronousTestCase):
    """Tests of `check_devices`."""

    def test_good(self) -> None:
        """A device has a name, a type and whatever else."""
        check_devices({"eth 0": {"type": "nic", "user.é": "\0"}, "r": {"type": "x"}})

    def test_bad(self) -> None:
        """A device without a name or a type, or with what is no text, is refused."""
        bad: list[dict[Any, dict[Any, Any]]] = [
            {"": {"type": "nic"}},
            {"a\n": {"type": "nic"}},
            {"a\ud800": {"type": "nic"}},
            {"eth0": {}},
            {"eth0": {"type": ""}},
            {"eth0": {"type": 1}},
            {"eth0": {"type": "nic", "a": None}},
            {"eth0": {"type": "nic", "\ud800": "a"}},
            {1: {"type": "nic"}},
        ]
        for devices in bad:
            self.assertRaises(InvalidData, check_devices, devices)

    def test_refusal(self) -> None:
        """The refusal names the device."""
        error = self.assertRaises(InvalidData, check_devices, {"eth0": {"a": "b"}})
        self.assertEqual(error.text, "Invalid devices: Device 'eth0' has no type")
