"""
A cloud-config: what cloud-init reads as YAML, under a line that says so.

It is read and written with PyYAML, as cloud-init itself does, so that cloud-init finds
in what was written what it would have found in the original.
"""

from __future__ import annotations

import re
from typing import Any, Self, TypeAlias

import yaml
from attrs import frozen

COMMENT = "#lxd:cloud-init.ssh-keys"
"""The comment behind every `Commented` value: LXD's, by which people know its doing."""

Content: TypeAlias = dict[Any, Any]
"""What YAML makes of a map; the keys may be numbers, dates or ``None``, too."""

_MARK = "#cloud-config"
_ODD_BREAKS = frozenset("\x85\u2028\u2029")
# White space before it is passed over by cloud-init, too.  A comment ends where YAML
# has its lines end.
_HEADER = re.compile(r"\s*((?:#[^\r\n\x85\u2028\u2029]*(?:\r?\n)?)+)")


class Unsupported(Exception):
    """A text that is no cloud-config, or that does not lend itself to an addition."""


class Commented(str):
    """A value that is written with `COMMENT` behind it."""

    __slots__ = ()


@frozen
class CloudConfig:
    """
    :ivar header: the comment lines that it starts with, each with its line's end.
    :ivar content: never to be changed, since parts of it may be one and the same.
    """

    header: str
    content: Content

    @classmethod
    def parse(cls, text: str) -> Self:
        """
        Read a text as LXD does: the mark has to be one of the first two lines.

        :param text: the empty one stands for a cloud-config without any content.
        :raises Unsupported: when it is no cloud-config.
        """
        if not text:
            return cls(f"{_MARK}\n", {})
        header = _HEADER.match(text)
        if header is None or _MARK not in map(str.strip, header[0].split("\n")[:2]):
            raise Unsupported
        return cls(header[1].removesuffix("\n") + "\n", _loaded(text[header.end() :]))

    def text(self) -> str:
        """
        The whole text; the keys of maps are sorted, as LXD has them.

        :raises Unsupported: when YAML cannot hold the content.
        """
        try:
            return self.header + yaml.dump(
                self.content,
                Dumper=_Dumper,
                allow_unicode=True,
                default_flow_style=False,
                width=float("inf"),
            )
        # A hexadecimal number may be too large for `str`, and what has just been read
        # may be too deep to be written.
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            raise Unsupported from error


def _loaded(text: str) -> Content:
    try:
        content = yaml.safe_load(text)
    # Beside YAMLError, PyYAML lets pass whatever a strange scalar makes its own code
    # raise: ValueError (2024-13-99), KeyError (!!bool x), AttributeError, IndexError,
    # OverflowError; and RecursionError when it is deep.
    except Exception as error:
        raise Unsupported from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise Unsupported
    return content


class _Dumper(yaml.SafeDumper):
    """
    Writes `Commented` values, and texts so that expressions in a Jinja template
    survive: lines as lines, and quotes within quotes not doubled where avoidable.
    """

    event: yaml.ScalarEvent

    def process_scalar(self) -> None:
        text = self.event.value
        super().process_scalar()
        if isinstance(text, Commented):
            self.write_indicator(COMMENT, need_whitespace=True)

    def choose_scalar_style(self) -> str:
        style = super().choose_scalar_style()
        text = self.event.value
        if style == "'" and "'" in text and not {'"', "\\"} & set(text):
            return '"'
        return style


def _represent_text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, _style(text))


def _style(text: str) -> str | None:
    # PyYAML writes these line ends so that it reads a space, unless they are escaped.
    if _ODD_BREAKS & set(text):
        return '"'
    # A comment behind lines that stand for themselves would be one more.
    return "|" if "\n" in text and not isinstance(text, Commented) else None


_Dumper.add_representer(str, _represent_text)
_Dumper.add_representer(Commented, _represent_text)
# Tuples come of !!omap and !!pairs, and would be written as lists.
_Dumper.add_representer(tuple, yaml.SafeDumper.represent_undefined)
