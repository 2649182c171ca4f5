"""
YAML as a tree of texts, lists and maps in which everything knows its line.

No text is taken for a number, a date or a truth value: what stands in the file is what
is read, ``010`` and ``yes`` included.  Only an empty value, ``~`` and ``null`` mean
that there is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import yaml
from attrs import define, field, frozen

from devlxd.errors import InvalidData

DEEPEST = 32
"""How many lists and maps may be within each other; the recursion ends there."""

MOST_NODES = 1_000_000
"""How many texts, lists and maps may be read, those that aliases repeat included."""

_NULL = "tag:yaml.org,2002:null"
_MERGE = "tag:yaml.org,2002:merge"
# The kinds that YAML guesses of a text without quotes are all texts to us.
_KNOWN_TAGS = frozenset(
    f"tag:yaml.org,2002:{kind}"
    for kind in (
        *("map", "seq", "str", "null"),
        *("bool", "int", "float", "timestamp", "value"),
    )
)
_WORDS: dict[type[yaml.Node], str] = {
    yaml.ScalarNode: "a text",
    yaml.SequenceNode: "a list",
    yaml.MappingNode: "a map",
}


class BadFile(Exception):
    """
    A file that cannot be read or applied.

    :ivar line: where, from 1; ``None`` when no line is at fault.
    :ivar reason: what is wrong with it.
    """

    def __init__(self, line: int | None, reason: str) -> None:
        super().__init__(line, reason)
        self.line = line
        self.reason = reason

    def of(self, file: str) -> str:
        """``FILE:LINE: reason``, as compilers write it."""
        where = file if self.line is None else f"{file}:{self.line}"
        return f"{where}: {self.reason}"


def decoded(content: bytes) -> str:
    """
    The text of a file.

    :raises BadFile: when it is not UTF-8.
    """
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadFile(line, f"not UTF-8: byte {content[error.start]:#04x}") from None


def parsed(text: str) -> Branch:
    """
    The root of a document; one without a value when the text is empty.

    :raises BadFile: when it is no YAML, or more than one document.
    """
    try:
        loader = _Loader(text)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise BadFile(line, f"unprintable character {error.character:#04x}") from None
    try:
        return Branch(loader.get_single_node() or yaml.ScalarNode(_NULL, ""))
    except yaml.MarkedYAMLError as error:
        what = ", ".join(filter(None, (error.context, error.problem)))
        raise BadFile(_line(error.problem_mark), what) from None
    # An escape such as "\UFFFFFFFF": PyYAML leaves it to chr() to refuse it.
    except (ValueError, OverflowError):
        raise BadFile(_line(loader.get_mark()), "no such character") from None


class _Loader(yaml.SafeLoader):
    """Composes nodes, a bounded number of them within each other."""

    _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self._depth == DEEPEST:
            raise yaml.composer.ComposerError(
                problem="too many lists and maps within each other",
                problem_mark=self.peek_event().start_mark,
            )
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


def _line(mark: yaml.Mark | None) -> int:
    return 1 if mark is None else mark.line + 1


@define
class _Allowance:
    """How many nodes may still be read."""

    left: int = MOST_NODES


@frozen
class Branch:
    """A node of the tree."""

    _node: yaml.Node
    _allowance: _Allowance = field(factory=_Allowance)

    @property
    def line(self) -> int:
        """The line that it begins in, from 1; of an alias, that of its anchor."""
        return _line(self._node.start_mark)

    @property
    def is_null(self) -> bool:
        """Whether there is no value."""
        return self._node.tag == _NULL

    def bad(self, reason: str) -> BadFile:
        """An error about this node."""
        return BadFile(self.line, reason)

    @contextmanager
    def blamed(self) -> Iterator[None]:
        """Within this, data that the model refuses are an error about this node."""
        try:
            yield
        except InvalidData as error:
            raise self.bad(error.text) from None

    def pairs(self) -> Iterator[tuple[str, Branch, Branch]]:
        """
        The text of each key, the key and the value; nothing when there is no value.

        :raises BadFile: when this is no map, or has a key twice.
        """
        seen: dict[str, int] = {}
        for key_node, value_node in self._children(yaml.MappingNode):
            key, value = self._child(key_node), self._child(value_node)
            text = key.literal()
            if text in seen:
                raise key.bad(f"{text!r} is there twice, first in line {seen[text]}")
            seen[text] = key.line
            yield text, key, value

    def items(self) -> Iterator[Branch]:
        """
        The items; none when there is no value.

        :raises BadFile: when this is no list.
        """
        return map(self._child, self._children(yaml.SequenceNode))

    def text(self) -> str:
        """
        :raises BadFile: when this is no text, or there is none.
        """
        if self.is_null:
            raise self.bad("expected a text, but there is nothing")
        return self.literal()

    def literal(self) -> str:
        """
        What stands there, where ``null`` is a text as any, as it is for a key.

        :raises BadFile: when this is no text.
        """
        return str(self._content(yaml.ScalarNode))

    def _children(self, kind: type[yaml.Node]) -> list[Any]:
        return [] if self.is_null else list(self._content(kind))

    def _content(self, kind: type[yaml.Node]) -> Any:
        if self._node.tag == _MERGE:
            raise self.bad("merge keys (<<) are not read; profiles are for that")
        if self._node.tag not in _KNOWN_TAGS:
            raise self.bad(f"the tag {self._node.tag!r} is not read")
        if not isinstance(self._node, kind):
            found = _WORDS[type(self._node)]
            raise self.bad(f"expected {_WORDS[kind]}, but this is {found}")
        return self._node.value

    def _child(self, node: yaml.Node) -> Branch:
        if self._allowance.left == 0:
            raise self.bad(f"more than {MOST_NODES} values, aliases included")
        self._allowance.left -= 1
        return Branch(node, self._allowance)
