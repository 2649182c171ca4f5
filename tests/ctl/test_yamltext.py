"""Tests of devlxd.ctl.yamltext and devlxd.ctl.table."""

from __future__ import annotations

from hypothesis import given
from hypothesis.strategies import characters, dictionaries, text
from twisted.trial.unittest import SynchronousTestCase

from devlxd.ctl.table import table_lines
from devlxd.ctl.things import INSTANCE, PROFILE, Thing, thing
from devlxd.ctl.yamltext import Wrong, content_of, yaml_of


def profile(**fields: object) -> Thing:
    """A profile."""
    return thing(PROFILE, {"name": "web", "used_by": [], **fields})


# Of what else YAML cannot say as it is, PyYAML refuses to read what it has written.
WRITABLE = characters(exclude_categories=["Cs", "Cn"], exclude_characters="\ufeff")


class YamlTests(SynchronousTestCase):
    """Things as people edit them."""

    def wrong(self, text: str, what: Thing | None = None) -> str:
        """What is wrong with a text."""
        with self.assertRaises(Wrong) as caught:
            content_of(text, what or profile())
        return str(caught.exception)

    @given(dictionaries(text(WRITABLE), text(WRITABLE)))
    def test_round(self, config: dict[str, str]) -> None:
        """What is shown says what there is, whatever the texts."""
        shown = profile(config=config)
        self.assertEqual(content_of(yaml_of(shown), shown), shown.content)

    def test_lines(self) -> None:
        """Texts of several lines stand as they are."""
        shown = yaml_of(
            profile(config={"cloud-init.user-data": "#cloud-config\na: é\n"})
        )
        self.assertIn("  cloud-init.user-data: |\n    #cloud-config\n    a: é\n", shown)

    def test_texts(self) -> None:
        """No text is taken for something else, and what is empty is nothing."""
        content = content_of(
            "config: {a: 010, b: yes, c: 1.50, d: 2026-01-01, e: , f: ~, g: ''}\n"
            "devices: {x: , y: {type: nic}}",
            profile(),
        )
        self.assertEqual(
            content["config"],
            {"a": "010", "b": "yes", "c": "1.50", "d": "2026-01-01", "g": ""},
        )
        self.assertEqual(content["devices"], {"x": {}, "y": {"type": "nic"}})

    def test_flags(self) -> None:
        """A truth value is one."""
        c1 = thing(INSTANCE, {"name": "c1"})
        self.assertIs(content_of("ephemeral: true", c1)["ephemeral"], True)
        self.assertIs(content_of("ephemeral: false", c1)["ephemeral"], False)
        self.assertIn("ephemeral: true or false", self.wrong("ephemeral: maybe", c1))

    def test_wrong(self) -> None:
        """What makes no sense is told with its place."""
        for written, what in (
            ("", "an object was due"),
            ("- a", "an object was due"),
            ("config: [", "line 1: expected the node content"),
            ("a: 1\nb: c: d", "line 2: mapping values are not allowed here"),
            ("config: {[a]: b}", "line 1: a text was due before the colon"),
            ("config:\n  a: 1\n  a: 2", "line 3: 'a' is there twice"),
            ("config: {a: [b]}", "config: a: a string was due"),
            ("confg: {}", "confg: a profile has no such field; it has description"),
            ("name: db", "name: this cannot be changed from 'web'"),
            ("a: " + "[" * 20 + "]" * 20, "too many lists and maps within each other"),
            ("a: \x00", "no YAML: unacceptable character"),
            ('a: "\\UFFFFFFFF"', "no YAML: "),
            ("[" * 5000, "no YAML: "),
        ):
            self.assertIn(what, self.wrong(written))

    def test_facts(self) -> None:
        """What cannot be changed may stand there as it is."""
        content_of("name: web\nused_by: []", profile())


class TableTests(SynchronousTestCase):
    """Tables."""

    def test_columns(self) -> None:
        """Columns are as wide as they must be."""
        self.assertEqual(
            list(table_lines(("A", "B"), [("xxx", "y"), ("x", "\x1b")])),
            ["A    B", "xxx  y", "x    \\x1b"],
        )

    def test_narrow(self) -> None:
        """The widest give way, but not without end."""
        rows = [("x" * 20, "y" * 30, "z")]
        for width, seen in (
            (60, ["A" + " " * 21 + "B" + " " * 31 + "C", f"{'x' * 20}  {'y' * 30}  z"]),
            (25, ["A           B           C", "xxxxxxxxx…  yyyyyyyyy…  z"]),
            (1, ["A         B         C", "xxxxxxx…  yyyyyyy…  z"]),
        ):
            self.assertEqual(list(table_lines("ABC", rows, width)), seen)
