"""
Command lines of other programs, read as getopt(3) would.

An option that is not known might have its value behind it, and then what looks like
the next option would be none.  So a line with one is not understood at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from attrs import field, frozen

__all__ = ["Grammar", "Option"]

Option = tuple[str, str]
"""The name of an option, without hyphens, and its value; the name is empty for a word
that is no option."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


@frozen
class Grammar:
    """
    The options of a program, by their names without hyphens.

    :ivar valued: those that have a value, which may be the next word.
    :ivar plain: those that have none, or one after ``=`` only.
    """

    valued: frozenset[str] = field(converter=_words)
    plain: frozenset[str] = field(converter=_words)

    def read(self, words: Sequence[str]) -> Iterator[Option]:
        """
        The options and other words of a command line, in order.

        :param words: without the name of the program.
        :raises ValueError: at an option that is not known, or lacks its value.
        """
        rest = iter(words)
        for word in rest:
            if word == "--":
                yield from (("", other) for other in rest)
            elif word.startswith("--"):
                yield self._long(word[2:], rest)
            elif word.startswith("-") and word != "-":
                yield from self._short(word[1:], rest)
            else:
                yield "", word

    def _long(self, text: str, rest: Iterator[str]) -> Option:
        name, equals, value = text.partition("=")
        if len(name) < 2:
            raise ValueError(f"unknown option --{name}")
        if not self._has_value(name) or equals:
            return name, value
        return name, _next(name, rest)

    def _short(self, letters: str, rest: Iterator[str]) -> Iterator[Option]:
        """Options of one letter may stand together; one's value may follow at once."""
        for place, letter in enumerate(letters, 1):
            if self._has_value(letter):
                attached: Iterable[str] = filter(None, [letters[place:]])
                yield letter, _next(letter, chain(attached, rest))
                return
            yield letter, ""

    def _has_value(self, name: str) -> bool:
        if name in self.valued:
            return True
        if name in self.plain:
            return False
        raise ValueError(f"unknown option {name}")


def _next(name: str, rest: Iterator[str]) -> str:
    for word in rest:
        return word
    raise ValueError(f"option {name} has no value")
