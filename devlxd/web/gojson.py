"""
JSON as Go's ``encoding/json`` reads it, which LXD's clients rely on.

It is the first value of the body, whatever follows it; field names in any case, and
repeated.  What is no character, because it is half a surrogate pair or no UTF-8,
becomes U+FFFD.
"""

from __future__ import annotations

import json
from typing import NoReturn

from devlxd.jsonline import valid
from devlxd.web.gofaults import Faulty, explain, quote

__all__ = ["BadJSON", "load_string_field", "quote"]

_WHITE_SPACE = " \t\r\n"


class BadJSON(ValueError):
    """A body that is not the JSON it should be; the text is Go's."""


class _Object(list[tuple[str, object]]):
    """An object with its fields as they came."""


def _refuse_constant(name: str) -> NoReturn:
    # NaN and Infinity are Python's own additions to JSON.
    raise json.JSONDecodeError(Faulty.VALUE, name, 0)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_Object,
    # Numbers are never asked for; as floats they are bounded in size and in time.
    parse_int=float,
    parse_constant=_refuse_constant,
)
_KINDS: dict[type, str] = {
    _Object: "object",
    bool: "bool",
    float: "number",
    list: "array",
    str: "string",
}


def load_string_field(body: bytes, field: str, type_name: str) -> str:
    """
    The string field of the object in a body; empty where it is missing or null.

    :param type_name: what Go's messages call the object, such as ``api.DevLXDPut``.
    :raises BadJSON: when the body is no object or the field no string.
    """
    document = _load(body)
    if document is None:
        return ""
    if not isinstance(document, _Object):
        raise _mismatch(document, f"value of type {type_name}")
    values = [each for name, each in document if name.lower() == field]
    values = [each for each in values if each is not None]
    for value in values:
        if not isinstance(value, str):
            place = f"{type_name.rpartition('.')[2]}.{field}"
            raise _mismatch(value, f"struct field {place} of type string")
    return valid(str(values[-1])) if values else ""


def _load(body: bytes) -> object:
    text = body.decode("utf-8", "surrogateescape").lstrip(_WHITE_SPACE)
    if not text:
        raise BadJSON("EOF")
    try:
        return _DECODER.raw_decode(text)[0]
    except json.JSONDecodeError as error:
        raise BadJSON(explain(error)) from None
    except RecursionError:
        raise BadJSON("exceeded max depth") from None


def _mismatch(value: object, wanted: str) -> BadJSON:
    return BadJSON(f"json: cannot unmarshal {_KINDS[type(value)]} into Go {wanted}")
