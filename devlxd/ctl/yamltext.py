"""
Things as YAML that people edit.

No text is taken for a number or a date, as in the instances file: ``010`` and ``yes``
are the texts that stand there.  Only an empty value, ``~`` and ``null`` are nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import yaml

from devlxd.client.documents import Malformed, mapping
from devlxd.ctl.things import Content, Thing

__all__ = ["Wrong", "content_of", "yaml_of"]

Tree: TypeAlias = "str | list[Tree] | dict[str, Tree] | None"

NULL = "tag:yaml.org,2002:null"

ODD_ENDS = frozenset("\r\x85\u2028\u2029")
"""What ends a line in YAML, beside what ends one everywhere."""

DEEPEST = 16
"""How many lists and maps may be within each other."""


class Wrong(Exception):
    """What a person has written makes no sense; the text says where."""


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as people would."""


def _written_text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    # PyYAML writes these as they are, and then reads them as ends of lines.
    if ODD_ENDS.intersection(value):
        style = '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style)


_Dumper.add_representer(str, _written_text)


def yaml_of(thing: Thing) -> str:
    """
    What of a thing can be changed, after what it is.

    All of it may stand in the instances file, too.
    """
    known = {key: thing.word(key) for key in ("name", "type") if thing.word(key)}
    return dumped({**known, **thing.content})


def dumped(document: Mapping[str, object]) -> str:
    """A document as YAML, in its own order."""
    return yaml.dump(
        dict(document), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=80
    )


def content_of(text: str, thing: Thing) -> Content:
    """
    What a person wants a thing to be.

    :raises Wrong: when that is not clear, or cannot be changed.
    """
    try:
        told = mapping(_parsed(text))
        for key in told.keys() - thing.kind.fields.keys():
            _check_fact(key, told[key], thing)
        return thing.kind.content(told)
    except Malformed as error:
        raise Wrong(str(error)) from None


def _check_fact(key: str, value: object, thing: Thing) -> None:
    """What cannot be changed may stand there as it is."""
    if key not in thing.document:
        known = ", ".join(thing.kind.fields)
        raise Malformed(f"{key}: a {thing.kind.word} has no such field; it has {known}")
    fact = thing.document[key]
    if isinstance(fact, str) and value != fact:
        raise Malformed(f"{key}: this cannot be changed from {fact!r}")


def _parsed(text: str) -> Tree:
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = "" if mark is None else f"line {mark.line + 1}: "
        raise Malformed(f"{line}{error.problem or error.context}") from None
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        first = str(error).partition("\n")[0]
        raise Malformed(f"no YAML: {first}") from None
    return None if node is None else _tree(node, 0)


def _tree(node: yaml.Node, depth: int) -> Tree:
    if depth == DEEPEST:
        raise _bad(node, "too many lists and maps within each other")
    if isinstance(node, yaml.SequenceNode):
        return [_tree(item, depth + 1) for item in node.value]
    if isinstance(node, yaml.MappingNode):
        return _map(node, depth)
    return None if node.tag == NULL else str(node.value)


def _map(node: yaml.MappingNode, depth: int) -> dict[str, Tree]:
    found: dict[str, Tree] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _bad(key, "a text was due before the colon")
        if key.value in found:
            raise _bad(key, f"{key.value!r} is there twice")
        found[key.value] = _tree(value, depth + 1)
    return found


def _bad(node: Any, what: str) -> Malformed:
    return Malformed(f"line {node.start_mark.line + 1}: {what}")
