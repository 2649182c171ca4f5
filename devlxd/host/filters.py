"""
LXD's ``filter``: ``name eq c1 and not config.user.role eq "web server"``.

A clause is ``FIELD eq VALUE`` or ``FIELD ne VALUE``, perhaps with ``not`` before it;
clauses are joined by ``and`` and ``or``, which bind alike, from left to right.  Fields
of maps are reached by dots.  A value with spaces is put into double quotes.  Capitals
do not count in values, since ``lxc list status=running`` writes them as people do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NoReturn, TypeAlias

from attrs import define, frozen

from devlxd.errors import BadRequest
from devlxd.host.documents import Document

Rule: TypeAlias = Callable[[Document], bool]
"""Whether a document is wanted."""

_WORD = re.compile(r'\s*(?:"([^"]*)"|([^\s"]+))')
_OPERATORS = ("eq", "ne")


@frozen
class _Word:
    """
    :ivar quoted: whether it was in quotes, so that it is no operator.
    """

    text: str
    quoted: bool = False

    def __str__(self) -> str:
        return f'"{self.text}"' if self.quoted else self.text

    def is_one_of(self, *operators: str) -> bool:
        """Whether it is an operator of these."""
        return not self.quoted and self.text in operators


@frozen
class _Clause:
    """A comparison.  A field that is not there equals nothing."""

    field: str
    value: str
    wanted: bool

    def __call__(self, document: Document) -> bool:
        found = _text(_found(document, self.field))
        equal = found is not None and found.casefold() == self.value.casefold()
        return equal is self.wanted


@define
class _Reader:
    """The words of a filter that are not read yet."""

    _words: Iterator[_Word]

    def clause(self) -> _Clause:
        """The next comparison."""
        field, wanted = self._next("a field"), True
        while field.is_one_of("not"):
            field, wanted = self._next("a field"), not wanted
        operator = self._next("an operator")
        if not operator.is_one_of(*_OPERATORS):
            _refuse(f"{operator} is no operator")
        equal = operator.text == "eq"
        return _Clause(field.text, self._next("a value").text, equal is wanted)

    def rest(self) -> Iterator[tuple[bool, _Clause]]:
        """The further comparisons, and whether each one is joined by ``and``."""
        for word in self._words:
            if not word.is_one_of("and", "or"):
                _refuse(f"{word} is neither and nor or")
            yield word.text == "and", self.clause()

    def _next(self, what: str) -> _Word:
        word = next(self._words, None)
        if word is None:
            _refuse(f"{what} is missing at its end")
        return word


def wanted_by(text: str) -> Rule:
    """
    What a filter says; an empty one wants all.

    :raises BadRequest: when it makes no sense.
    """
    words = list(_words(text.strip()))
    if not words:
        return lambda document: True
    reader = _Reader(iter(words))
    first, rest = reader.clause(), list(reader.rest())

    def wanted(document: Document) -> bool:
        result = first(document)
        for both, clause in rest:
            result = result and clause(document) if both else result or clause(document)
        return result

    return wanted


def _words(text: str) -> Iterator[_Word]:
    place = 0
    while place < len(text):
        match = _WORD.match(text, place)
        if match is None:
            _refuse("a quote is not closed")
        quoted, bare = match.groups()
        yield _Word(bare) if quoted is None else _Word(quoted, True)
        place = match.end()


def _found(value: Mapping[str, Any], path: str) -> object:
    """What is at a path of names with dots between them, and perhaps in them."""
    if path in value:
        return value[path]
    for name, inner in value.items():
        if isinstance(inner, Mapping) and path.startswith(f"{name}."):
            found = _found(inner, path[len(name) + 1 :])
            if found is not None:
                return found
    return None


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int) else None


def _refuse(why: str) -> NoReturn:
    raise BadRequest(f"Invalid filter: {why}")
