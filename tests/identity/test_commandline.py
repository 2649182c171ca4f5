"""Tests for `devlxd.identity.runtimes.commandline`."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from devlxd.identity.runtimes.commandline import Grammar

GRAMMAR = Grammar(valued="n name", plain="v verbose")


class GrammarTests(SynchronousTestCase):
    """A command line is read as getopt(3) would."""

    def test_forms(self) -> None:
        """An option's value is attached to it or is the next word, whatever it is."""
        for words, expected in {
            ("-n", "x"): [("n", "x")],
            ("-nx",): [("n", "x")],
            ("-n", "--name"): [("n", "--name")],
            ("--name", "x"): [("name", "x")],
            ("--name=x=y",): [("name", "x=y")],
            ("--name=",): [("name", "")],
            ("-v", "-vnx"): [("v", ""), ("v", ""), ("n", "x")],
            ("-vn", "x"): [("v", ""), ("n", "x")],
            ("--verbose", "--verbose=2"): [("verbose", ""), ("verbose", "2")],
        }.items():
            self.assertEqual(list(GRAMMAR.read(words)), expected, words)

    def test_words(self) -> None:
        """Other words have no name; after two hyphens there are only such."""
        self.assertEqual(
            list(GRAMMAR.read(["a", "-", "-v", "--", "-v", "--name=x"])),
            [("", "a"), ("", "-"), ("v", ""), ("", "-v"), ("", "--name=x")],
        )

    def test_unclear(self) -> None:
        """A line with an option that is not known, or lacks a value, is an error."""
        for words in (
            *(["-x"], ["-vx"], ["--nam=x"], ["--unknown", "x"], ["--n", "x"]),
            *(["--=x"], ["-n"], ["--name"], ["-vn"]),
        ):
            with self.assertRaises(ValueError):
                list(GRAMMAR.read(words))
