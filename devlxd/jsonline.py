"""
JSON as Go's ``encoding/json`` writes it, which LXD's clients rely on.

Compact, U+2028 and U+2029 escaped, one newline at the end.  What is no character,
because it is half a surrogate pair, becomes U+FFFD.
"""

from __future__ import annotations

import json
import re

_SURROGATE = re.compile("[\ud800-\udfff]")
_LINES = str.maketrans({"\u2028": "\\u2028", "\u2029": "\\u2029"})
_HTML = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def valid(text: str) -> str:
    """A text with U+FFFD in the place of what is no character."""
    return _SURROGATE.sub("\ufffd", text)


def dump(value: object, *, html: bool = False) -> bytes:
    """
    One JSON document and the newline behind it.

    :param html: escape what has a meaning in HTML, as Go does unless told otherwise.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    text = text.translate(_LINES)
    if html:
        text = text.translate(_HTML)
    return valid(text).encode() + b"\n"
