"""
What Go's ``encoding/json`` says of bytes that are no JSON, worked out from what
Python's decoder finds.

Both stop at about the same place.  Python tells it in the words below (3.13 has some
more of them); Go names the first byte that cannot stand where it stands, and what
stood before it.  Within numbers we are not as exact as Go.
"""

from __future__ import annotations

import json
import re
from enum import StrEnum

__all__ = ["Faulty", "explain", "quote"]

_SPACE = "[ \t\r\n]*"


class Faulty(StrEnum):
    """How Python's messages begin."""

    COLON = "Expecting ':' delimiter"
    COMMA = "Expecting ',' delimiter"
    COMMA_IN_ARRAY = "Illegal trailing comma before end of array"
    COMMA_IN_OBJECT = "Illegal trailing comma before end of object"
    CONTROL = "Invalid control character"
    ESCAPE = "Invalid \\escape"
    HEXADECIMAL = "Invalid \\uXXXX escape"
    NAME = "Expecting property name"
    VALUE = "Expecting value"


_KEY = "looking for beginning of object key string"
_VALUE = "looking for beginning of value"

# What stands between the place that Python tells and the byte that Go names; and what
# Go says about it.
_FAULTS = {
    Faulty.COLON: (_SPACE, "after object key"),
    Faulty.COMMA: (_SPACE, "after object key:value pair"),
    Faulty.COMMA_IN_ARRAY: ("," + _SPACE, _VALUE),
    Faulty.COMMA_IN_OBJECT: ("," + _SPACE, _KEY),
    Faulty.CONTROL: ("", "in string literal"),
    Faulty.ESCAPE: (r"\\", "in string escape code"),
    Faulty.HEXADECIMAL: (
        "u[0-9A-Fa-f]{0,3}",
        "in \\u hexadecimal character escape",
    ),
    Faulty.NAME: (_SPACE, _KEY),
    Faulty.VALUE: (_SPACE + "(?:-|tr?u?|fa?l?s?|nu?l?)?", _VALUE),
}
_BEGUN = {
    literal[:length]: f"in literal {literal} (expecting '{literal[length]}')"
    for literal in ("true", "false", "null")
    for length in range(1, len(literal))
} | {"-": "in numeric literal"}


class _Escapes(dict[int, str]):
    """Go's escapes by code point, for `str.translate`."""

    def __missing__(self, code: int) -> str:
        if chr(code).isprintable():
            return chr(code)
        return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


_ESCAPES = _Escapes(
    {code: chr(code) for code in range(0x20, 0x7F)}
    | {code: f"\\x{code:02x}" for code in (*range(0x20), 0x7F)}
    | {
        ord(each): "\\" + name
        for each, name in zip('\a\b\f\n\r\t\v"\\', 'abfnrtv"\\', strict=True)
    }
)


def explain(error: json.JSONDecodeError) -> str:
    """
    Go's words for an error of a decoder of text that was UTF-8, or was decoded with
    ``surrogateescape``.
    """
    fault = next((each for each in Faulty if error.msg.startswith(each)), None)
    if fault is None:
        # A string without an end.
        return "unexpected EOF"
    between, context = _FAULTS[fault]
    match = re.compile(between).match(error.doc, error.pos)
    end = error.pos if match is None else match.end()
    if end == len(error.doc):
        return "unexpected EOF"
    if fault is Faulty.VALUE:
        context = _BEGUN.get(error.doc[error.pos : end].lstrip(), context)
    if fault is Faulty.COMMA and _is_in_array(error):
        context = "after array element"
    return f"invalid character {_byte(error.doc[end])} {context}"


def quote(text: str) -> str:
    """A text as Go's ``%q`` shows it."""
    return f'"{text.translate(_ESCAPES)}"'


def _is_in_array(error: json.JSONDecodeError) -> bool:
    """Whether a bracket could stand where there is something that cannot."""
    try:
        json.JSONDecoder().raw_decode(error.doc[: error.pos] + "]")
    except json.JSONDecodeError as other:
        return other.pos > error.pos
    return True


def _byte(character: str) -> str:
    """The first byte of a character, between single quotes."""
    byte = chr(character.encode("utf-8", "surrogateescape")[0])
    if byte in "'\"":
        return "'\\''" if byte == "'" else "'\"'"
    return f"'{quote(byte)[1:-1]}'"
