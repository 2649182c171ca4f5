"""
JSON as Go's ``encoding/json`` reads and writes it, which LXD's clients rely on.

Written: compact, no HTML escapes, U+2028 and U+2029 escaped, one newline at the end.
Read: the first value of the body, whatever follows it; field names in any case.  The
texts of the errors are those of Go's decoder for the common mistakes.
"""

from __future__ import annotations

import json

_DECODER = json.JSONDecoder(
    # Numbers are never asked for; as floats they are bounded in size and in time.
    parse_int=float,
    parse_constant=lambda _: _refuse_constant(),
    strict=True,
)
_WHITE_SPACE = " \t\r\n"
_PLACES = {
    "Expecting property name enclosed in double quotes": (
        "looking for beginning of object key string"
    ),
    "Illegal trailing comma before end of object": (
        "looking for beginning of object key string"
    ),
    "Expecting ':' delimiter": "after object key",
    "Expecting ',' delimiter": "after object key:value pair",
    "Invalid control character at": "in string literal",
    "Invalid \\escape": "in string escape code",
    "Invalid \\uXXXX escape": "in \\u hexadecimal character escape",
}
_ESCAPES = {
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
    '"': '\\"',
    "\\": "\\\\",
}


class BadJSON(ValueError):
    """A body that is not the JSON it should be; the text is Go's."""


def dump(value: object) -> bytes:
    """One JSON document and the newline behind it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    text = text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return text.encode() + b"\n"


def load_string_field(body: bytes, field: str, type_name: str) -> str:
    """
    The string field of the object in a body; empty where it is missing or null.

    :param type_name: what Go's messages call the object, such as ``api.DevLXDPut``.
    :raises BadJSON: when the body is no object or the field no string.
    """
    document = _load(body)
    if document is None:
        return ""
    if not isinstance(document, dict):
        kind = _kind(document)
        raise BadJSON(
            f"json: cannot unmarshal {kind} into Go value of type {type_name}"
        )
    # Go matches names in any case, and the last one given wins.
    values = [value for key, value in document.items() if key.lower() == field]
    value = values[-1] if values else None
    if value is not None and not isinstance(value, str):
        place = f"{type_name.rpartition('.')[2]}.{field}"
        raise BadJSON(
            f"json: cannot unmarshal {_kind(value)} into Go struct field {place} "
            "of type string"
        )
    return _valid(value or "")


def quote(text: str) -> str:
    """A text as Go's ``%q`` shows it."""
    return '"' + "".join(_quoted(character) for character in text) + '"'


def _quoted(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _load(body: bytes) -> object:
    text = body.decode("utf-8", "replace").lstrip(_WHITE_SPACE)
    if not text:
        raise BadJSON("EOF")
    try:
        return _DECODER.raw_decode(text)[0]
    except json.JSONDecodeError as error:
        raise BadJSON(_explain(error)) from None
    except RecursionError:
        raise BadJSON("json: exceeded max depth") from None


def _explain(error: json.JSONDecodeError) -> str:
    """Go's words for what Python found."""
    rest = error.doc[error.pos :].lstrip(_WHITE_SPACE)
    if not rest or error.msg.startswith("Unterminated string"):
        return "unexpected EOF"
    place = _PLACES.get(error.msg, "looking for beginning of value")
    return f"invalid character {_character(rest[0])} {place}"


def _character(character: str) -> str:
    return "'\"'" if character == '"' else f"'{quote(character)[1:-1]}'"


def _refuse_constant() -> object:
    # NaN and Infinity are Python's own additions to JSON.
    raise json.JSONDecodeError("Expecting value", "N", 0)


def _kind(value: object) -> str:
    """What Go calls a JSON value of the wrong type."""
    if isinstance(value, bool):
        return "bool"
    names: dict[type, str] = {dict: "object", list: "array", str: "string"}
    return names.get(type(value), "number")


def _valid(text: str) -> str:
    """Half a surrogate pair is no character: Go reads U+FFFD instead."""
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
