"""Tests of how instances and profiles are called."""

from __future__ import annotations

from attrs.exceptions import FrozenInstanceError
from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from devlxd.errors import InvalidData
from devlxd.model.names import InstanceName, ProfileName, QualifiedName

good_projects = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9.-]{0,62}", fullmatch=True)
good_names = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}", fullmatch=True)

BAD_ANYWHERE = (
    *("", ".", "..", "...", "-", "-c1", ".c1", "_c1", "a/b", "/", "a\\b", "a b", " a"),
    *(
        "a\0",
        "\0",
        "a\n",
        "\na",
        "a\r",
        "c1\u0301",
        "é",
        "\uff11",
        "a:b",
        "a%2fb",
        "~",
        "*",
    ),
    *("a" * 64, "a" * 100_000),
)


class QualifiedNameTests(SynchronousTestCase):
    """Tests of `QualifiedName`."""

    @given(good_projects, good_names)
    def test_round_trip(self, project: str, name: str) -> None:
        """A name is written as it is read."""
        qualified = InstanceName(project, name)
        self.assertEqual(InstanceName.parse(str(qualified)), qualified)

    @given(good_names)
    def test_default_project(self, name: str) -> None:
        """A name alone is one in the project ``default``."""
        self.assertEqual(ProfileName.parse(name), ProfileName("default", name))

    def test_bad(self) -> None:
        """A name that could be mistaken for anything else is refused."""
        for bad in BAD_ANYWHERE:
            for project, name in ((bad, "c1"), ("default", bad)):
                self.assertRaises(InvalidData, InstanceName, project, name)
                self.assertRaises(InvalidData, InstanceName.parse, f"{project}/{name}")

    def test_bad_project(self) -> None:
        """A project has no underscore, so that ``PROJECT_NAME`` can be read back."""
        self.assertRaises(InvalidData, InstanceName, "a_b", "c1")
        self.assertEqual(InstanceName("ab", "c_1").name, "c_1")

    def test_longest(self) -> None:
        """A name has 63 characters at most."""
        self.assertEqual(InstanceName("a" * 63, "b" * 63).name, "b" * 63)

    @given(st.text("ab0_./-\n\0é", max_size=70))
    def test_any_text(self, text: str) -> None:
        """Any text is either refused or a name of what it says."""
        try:
            name = InstanceName.parse(text)
        except InvalidData:
            return
        self.assertIn(text, (str(name), name.name))
        self.assertNotIn("/", name.name + name.project)

    def test_refusal(self) -> None:
        """The refusal shows the name, without what could disturb a terminal."""
        error = self.assertRaises(InvalidData, InstanceName.parse, "a\x1b[2J")
        self.assertEqual(error.text, r"Invalid name 'a\x1b[2J'")
        error = self.assertRaises(InvalidData, InstanceName.parse, "a_b/c")
        self.assertEqual(error.text, "Invalid project name 'a_b'")

    def test_order(self) -> None:
        """Names are ordered by project, and within one by name."""
        names = [InstanceName.parse(text) for text in ("b/a", "a/b", "a/a")]
        self.assertEqual(list(map(str, sorted(names))), ["a/a", "a/b", "b/a"])

    def test_kinds(self) -> None:
        """The name of an instance is not that of a profile."""
        self.assertNotEqual(InstanceName("a", "b"), ProfileName("a", "b"))
        self.assertEqual(len({InstanceName("a", "b"), InstanceName("a", "b")}), 1)

    def test_frozen(self) -> None:
        """A name cannot change."""
        with self.assertRaises(FrozenInstanceError):
            QualifiedName("a", "b").name = "c"  # type: ignore[misc]
