"""Tests of YAML that knows its lines."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from devlxd.errors import InvalidData
from devlxd.host.yamltree import BadFile, Branch, decoded, parsed
from tests.model.manifests import random


def plain(branch: Branch) -> Any:
    """Texts, and maps of the same."""
    try:
        return branch.text()
    except BadFile:
        return {key: plain(value) for key, _, value in branch.pairs()}


class ParsedTests(SynchronousTestCase):
    """Tests of `parsed`."""

    def refused(self, text: str) -> tuple[int | None, str]:
        """The line and the reason for which a text is refused."""
        error = self.assertRaises(BadFile, lambda: plain(parsed(text)))
        return error.line, error.reason

    def test_literal(self) -> None:
        """Texts are what stands there, not what YAML would make of it."""
        text = (
            "a: 010\nb: yes\nc: 1_000\nd: 2024-01-02\ne: 'it''s'\nf: |\n  x\n  y\ng: ="
        )
        self.assertEqual(
            plain(parsed(text)),
            {
                "a": "010",
                "b": "yes",
                "c": "1_000",
                "d": "2024-01-02",
                "e": "it's",
                "f": "x\ny\n",
                "g": "=",
            },
        )

    def test_null(self) -> None:
        """An empty value, ``~`` and ``null`` mean none, but not in quotes."""
        pairs = parsed("a:\nb: ~\nc: null\nd: 'null'\ne: ''").pairs()
        nulls = {key: value.is_null for key, _, value in pairs}
        self.assertEqual(
            nulls, {"a": True, "b": True, "c": True, "d": False, "e": False}
        )

    def test_keys(self) -> None:
        """Keys are texts, too, even ``null`` and ``on``."""
        self.assertEqual(
            plain(parsed("null: a\non: b\n1: c\n~: d")),
            {"null": "a", "on": "b", "1": "c", "~": "d"},
        )

    def test_empty(self) -> None:
        """An empty text has a root without a value."""
        for text in ("", "# nothing\n", "---\n", "\ufeff"):
            root = parsed(text)
            self.assertTrue(root.is_null)
            self.assertEqual((list(root.pairs()), list(root.items())), ([], []))
        self.assertEqual(parsed("").line, 1)

    def test_lines(self) -> None:
        """Every key and value knows the line that it begins in."""
        pairs = parsed("# x\na: |\n  x\n  y\nb:\n  1\n").pairs()
        self.assertEqual(
            [(key.line, value.line) for _, key, value in pairs], [(2, 2), (5, 6)]
        )

    def test_list(self) -> None:
        """The items of a list are in order."""
        self.assertEqual([x.text() for x in parsed("[b, a]").items()], ["b", "a"])

    def test_aliases(self) -> None:
        """An alias is what its anchor is."""
        self.assertEqual(
            plain(parsed("a: &x {k: v}\nb: *x")), {"a": {"k": "v"}, "b": {"k": "v"}}
        )

    def test_syntax(self) -> None:
        """A text that is no YAML is refused with the line and what YAML says."""
        self.assertEqual(
            self.refused("a: 1\nb: [1\nc: 2"),
            (3, "while parsing a flow sequence, expected ',' or ']', but got ':'"),
        )
        self.assertEqual(
            self.refused("a: 1\n b: 2"), (2, "mapping values are not allowed here")
        )
        self.assertEqual(self.refused("a: *b"), (1, "found undefined alias 'b'"))

    def test_documents(self) -> None:
        """More than one document is refused."""
        self.assertEqual(
            self.refused("a: 1\n---\nb: 2"),
            (2, "expected a single document in the stream, but found another document"),
        )

    def test_unprintable(self) -> None:
        """NUL and its like are refused with their line."""
        self.assertEqual(self.refused("a: 1\nb: \0"), (2, "unprintable character 0x00"))
        self.assertEqual(self.refused("\x7f"), (1, "unprintable character 0x7f"))

    def test_escapes(self) -> None:
        """An escape of what is no character is refused with its line."""
        for escape in ("\\U00110000", "\\UFFFFFFFF"):
            self.assertEqual(
                self.refused(f'a: 1\nb: "{escape}"'), (2, "no such character")
            )

    def test_twice(self) -> None:
        """A key that is there twice is refused, however it is written."""
        self.assertEqual(
            self.refused("a: {x: 1}\nb:\n  '1': x\n  1: y"),
            (4, "'1' is there twice, first in line 3"),
        )

    def test_kinds(self) -> None:
        """What is of another kind than expected is refused with its line."""
        for text, get, reason in (
            ("[a]", Branch.text, "expected a text, but this is a list"),
            ("{a: b}", Branch.text, "expected a text, but this is a map"),
            ("~", Branch.text, "expected a text, but there is nothing"),
            ("a", lambda x: list(x.items()), "expected a list, but this is a text"),
            ("a", lambda x: list(x.pairs()), "expected a map, but this is a text"),
            ("? [a]\n: b", plain, "expected a text, but this is a list"),
        ):
            with self.subTest(text):
                error = self.assertRaises(BadFile, get, parsed(text))
                self.assertEqual((error.line, error.reason), (1, reason))

    def test_tags(self) -> None:
        """A tag that would make a text something else is refused."""
        self.assertEqual(self.refused("a: !x y"), (1, "the tag '!x' is not read"))
        self.assertEqual(
            self.refused("a: !!python/object:os.system {}"),
            (1, "the tag 'tag:yaml.org,2002:python/object:os.system' is not read"),
        )
        self.assertEqual(plain(parsed("a: !!str 5")), {"a": "5"})

    def test_merge_keys(self) -> None:
        """Merge keys are refused, since they would be taken for a key of that name."""
        self.assertEqual(
            self.refused("a: &x {k: v}\nb:\n  <<: *x"),
            (3, "merge keys (<<) are not read; profiles are for that"),
        )
        self.assertEqual(plain(parsed("'<<': x")), {"<<": "x"})

    def test_depth(self) -> None:
        """Too many levels are refused, before they exhaust anything."""
        for text in ("[" * 100_000, "- " * 5000, "{a: " * 5000):
            self.assertEqual(
                self.refused(text), (1, "too many lists and maps within each other")
            )

    def test_aliases_of_aliases(self) -> None:
        """Aliases that multiply are refused when they amount to too much."""
        wide = ", ".join(f"k{n}: *l" for n in range(2000))
        leaf = ", ".join(f"k{n}: v" for n in range(2000))
        self.assertEqual(
            self.refused(f"l: &l {{{leaf}}}\nw: {{{wide}}}"),
            (1, "more than 1000000 values, aliases included"),
        )

    @random
    @given(st.text(alphabet="ab:-[]{}&*!|>'\"\\#?,% \n\t\0~<U0\ud800\ufeff"))
    def test_anything(self, text: str) -> None:
        """Any text is read or refused with a line; nothing else happens."""
        try:
            plain(parsed(text))
        except BadFile as error:
            self.assertTrue(error.line)


class DecodedTests(SynchronousTestCase):
    """Tests of `decoded`."""

    def test_text(self) -> None:
        """UTF-8 is what a file is written in."""
        self.assertEqual(decoded("ä\n".encode()), "ä\n")

    def test_other(self) -> None:
        """Anything else is refused with the line of the first byte that is wrong."""
        error = self.assertRaises(BadFile, decoded, b"a\nb: \xe4\n\xff")
        self.assertEqual((error.line, error.reason), (2, "not UTF-8: byte 0xe4"))


class BadFileTests(SynchronousTestCase):
    """Tests of `BadFile`."""

    def test_of(self) -> None:
        """The message has the form that editors understand."""
        self.assertEqual(BadFile(3, "no").of("/x.yaml"), "/x.yaml:3: no")
        self.assertEqual(BadFile(None, "no").of("/x.yaml"), "/x.yaml: no")

    def test_blamed(self) -> None:
        """What the model refuses within a context is blamed on its branch."""
        branch = parsed("\na")
        with self.assertRaises(BadFile) as caught, branch.blamed():
            raise InvalidData("why")
        self.assertEqual(caught.exception.of("x"), "x:2: why")
