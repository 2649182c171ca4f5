"""Tests of reading and writing cloud-configs."""

from __future__ import annotations

import datetime
from typing import Any

import yaml
from attrs import evolve
from hypothesis import example, given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from devlxd.model.cloudconfig import COMMENT, CloudConfig, Commented, Unsupported
from tests.model.worlds import cloud_configs, contents, texts


def content_of(body: str) -> Any:
    """What is read of a cloud-config with this body."""
    return CloudConfig.parse(f"#cloud-config\n{body}").content


def reread(content: dict[Any, Any]) -> Any:
    """What PyYAML reads of a written cloud-config."""
    return yaml.safe_load(CloudConfig("#cloud-config\n", content).text())


def line_of(value: str) -> str:
    """How a value is written, as the only one of a list."""
    text = CloudConfig("", {"a": [value]}).text()
    return text.removeprefix("a:\n- ").removesuffix("\n")


class ParseTests(SynchronousTestCase):
    """Tests of `CloudConfig.parse`."""

    def test_empty(self) -> None:
        """The empty text is a cloud-config without content."""
        self.assertEqual(CloudConfig.parse(""), CloudConfig("#cloud-config\n", {}))

    def test_header(self) -> None:
        """The header is the comment lines at the start, kept as they are."""
        for header in (
            "#cloud-config\n",
            "#cloud-config  \n# more\n#\n",
            "#cloud-config\r\n#\t\r\n",
            "## template: jinja\n#cloud-config\n",
        ):
            self.assertEqual(
                CloudConfig.parse(f"{header}a: 1\n"), CloudConfig(header, {"a": 1})
            )

    def test_line_ends(self) -> None:
        """A comment ends where YAML has it end."""
        for end in ("\r", "\x85", "\u2028", "\u2029"):
            self.assertEqual(
                CloudConfig.parse(f"#cloud-config{end}a: 1{end}"),
                CloudConfig("#cloud-config\n", {"a": 1}),
            )

    def test_header_only(self) -> None:
        """A header alone has no content, and a last line without an end gets one."""
        for text in ("#cloud-config", "#cloud-config\n", "#cloud-config\n\n---\n"):
            self.assertEqual(
                CloudConfig.parse(text), CloudConfig("#cloud-config\n", {})
            )

    def test_white_space_before(self) -> None:
        """White space before the header is dropped; cloud-init skips it, too."""
        for space in ("\n", "  ", "\n \t"):
            self.assertEqual(
                CloudConfig.parse(f"{space}#cloud-config\na: 1"),
                CloudConfig("#cloud-config\n", {"a": 1}),
            )

    def test_no_cloud_config(self) -> None:
        """A text whose first two lines are not marked is no cloud-config."""
        for text in (
            " ",
            "a: 1\n",
            "#cloud-config-archive\n- a\n",
            "#cloud-config # mine\na: 1\n",
            "# one\n# two\n#cloud-config\na: 1\n",
            "\n\n#cloud-config\na: 1\n",
            "a: 1\n#cloud-config\n",
            "\ufeff#cloud-config\na: 1\n",
            "#\u2028\n#cloud-config\na: 1\n",
            "# one\n #cloud-config\na: 1\n",
            "#!/bin/sh\necho\n",
            "Content-Type: multipart/mixed; boundary=x\n\n--x\n",
        ):
            self.assertRaises(Unsupported, CloudConfig.parse, text)

    def test_no_map(self) -> None:
        """What is no YAML map is no cloud-config."""
        for body in (
            *("- a\n", "a\n", "1", "a: b: c", "a:\n\tb", "{a: {{v}}}", "a: 'b", "%x"),
            *("a: 1\n---\nb: 1\n", "a: \0", "? [a]\n: b", "a: *b", "!x {a: 1}"),
        ):
            self.assertRaises(Unsupported, content_of, body)

    def test_strange_scalars(self) -> None:
        """What PyYAML fails on with errors that are not its own is no cloud-config."""
        for body in (
            "a: 2024-13-99",
            "a: !!bool x",
            "a: !!int ''",
            "a: !!float x",
            "a: !!timestamp x",
            f"a: {'1' * 5000}",
            f"a: 1{':1' * 999}.0",
            "a: =",
        ):
            self.assertRaises(Unsupported, content_of, body)

    def test_deep(self) -> None:
        """What is nested too deep for PyYAML is no cloud-config."""
        for body in (f"a: {'[' * 9999}{']' * 9999}", "- " * 9999, "a: " + "{a: " * 999):
            self.assertRaises(Unsupported, content_of, body)

    @given(st.text("ab01-.:,?&*!|>%@`'\"{}[]#~<= \n\t\r\u2028é"))
    def test_anything(self, body: str) -> None:
        """Any other text is read as PyYAML reads it, or is no cloud-config."""
        try:
            content = content_of(body)
        except Unsupported:
            return
        # A body that starts with a comment has given it to the header.
        self.assertEqual(content, yaml.safe_load(body) or {})


class WriteTests(SynchronousTestCase):
    """Tests of `CloudConfig.text`."""

    def test_written(self) -> None:
        """The header goes first; maps are sorted and written as blocks."""
        content = {"b": [1, {"d": "x", "c": None}], "a": "é", "e": {}}
        self.assertEqual(
            CloudConfig("#cloud-config\n# x\n", content).text(),
            "#cloud-config\n# x\na: é\nb:\n- 1\n- c: null\n  d: x\ne: {}\n",
        )

    def test_long(self) -> None:
        """No value is folded."""
        self.assertEqual(line_of("word " * 99 + "."), "word " * 99 + ".")

    def test_lines(self) -> None:
        """A text of several lines is written as such."""
        self.assertEqual(line_of("a 'b'\nc\n"), "|\n  a 'b'\n  c")

    def test_quotes(self) -> None:
        """Quotes within quotes are not doubled where the other kind will do."""
        self.assertEqual(
            line_of("{{ v | default('a') }}"), "\"{{ v | default('a') }}\""
        )
        self.assertEqual(line_of('{{ d["x"] }}'), "'{{ d[\"x\"] }}'")
        self.assertEqual(line_of("{{ d[\"x\"] or 'a' }}"), "'{{ d[\"x\"] or ''a'' }}'")

    def test_plain(self) -> None:
        """What needs no quotes gets none."""
        for text in ("{{v}} {%", "echo {{v1.x}}", "echo 'a'", "a\\b", 'say "a"'):
            self.assertEqual(line_of(f"x{text}"), f"x{text}")

    def test_comment(self) -> None:
        """A comment stands behind a value and outside of its quotes."""
        for value, written in (
            ("gh:a", "gh:a"),
            ("a: b", "'a: b'"),
            ("a # b", "'a # b'"),
            ("yes", "'yes'"),
            ("a\n", "'a\n\n  '"),
            ("\x01", '"\\x01"'),
            ("'", '"\'"'),
        ):
            self.assertEqual(line_of(Commented(value)), f"{written} {COMMENT}")

    @given(texts)
    @example("a\n b \n\n")
    @example("\n\x85\u2029 #")
    def test_commented(self, value: str) -> None:
        """A value is read as what it is, whatever is in it, and its comment is not."""
        self.assertEqual(reread({"a": [Commented(value), 1]}), {"a": [value, 1]})

    @given(contents)
    def test_reread(self, content: dict[Any, Any]) -> None:
        """What is written is read as it was."""
        self.assertEqual(reread(content), content)

    @given(cloud_configs())
    def test_rewritten(self, text: str) -> None:
        """A cloud-config that was read and written is read as before."""
        found = CloudConfig.parse(text)
        again = CloudConfig.parse(found.text())
        self.assertEqual(again, evolve(found, content=yaml.safe_load(text)))

    def test_yaml_types(self) -> None:
        """Dates, bytes, sets, special numbers and odd keys remain what they are."""
        body = (
            "d: 2024-01-02\nt: 2001-12-14t21:59:43.10-05:00\nn: 2001-12-14 21:59:43\n"
            "b: !!binary aGVsbG8=\ns: !!set {a, b}\no: 010\nx: 0x1f\nm: 1:30\n"
            "f: 1e+20\ni: -.inf\ny: yes\non: ~\n? 2024-01-02\n: 1\n7: a\n1.5: b\n~: c\n"
        )
        content = content_of(body)
        self.assertEqual(reread(content), content)
        self.assertEqual(content["d"], datetime.date(2024, 1, 2))
        self.assertEqual(content[True], None)

    def test_anchors(self) -> None:
        """What is one and the same in the original is so in the result."""
        again = reread(content_of("a: &x {l: [1]}\nb: *x\nc: {<<: *x, k: 1}\n"))
        self.assertEqual(again, {"a": {"l": [1]}, "b": {"l": [1]}, "c": again["c"]})
        self.assertEqual(again["c"], {"l": [1], "k": 1})
        self.assertIs(again["a"], again["b"])

    def test_recursive(self) -> None:
        """A list that holds itself does not hang the writer."""
        again = reread(content_of("a: &x [1, *x]\n"))
        self.assertIs(again["a"][1], again["a"])

    def test_many_aliases(self) -> None:
        """Lists of the same lists, many times over, stay as small as they were."""
        body = "a0: &a0 [x]\n" + "".join(
            f"a{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * 9)}]\n" for n in range(30)
        )
        text = CloudConfig("", content_of(body)).text()
        self.assertLess(len(text), 2 * len(body))

    def test_unwritable(self) -> None:
        """What YAML cannot give back as it was is refused."""
        deep: list[Any] = []
        for _ in range(9999):
            deep = [deep]
        for content in (
            content_of(f"a: 0x{'f' * 9999}"),
            content_of("a: !!omap [b: 1]"),
            content_of("a: !!pairs [b: 1]"),
            {"a": deep},
        ):
            self.assertRaises(Unsupported, CloudConfig("", content).text)
