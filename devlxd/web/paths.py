"""
Paths of requests.

A path is routed in its encoded form, so that ``%2F`` within a segment divides nothing;
a route's variable segments are decoded after they were told apart.
"""

from __future__ import annotations

import posixpath
import re
import string
from urllib.parse import unquote

from werkzeug.routing import BaseConverter

_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})?")
_UNRESERVED = frozenset((string.ascii_letters + string.digits + "-._~").encode())
_ABSOLUTE = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*://[^/?]*")


class BadPath(ValueError):
    """A ``%`` without two hexadecimal digits behind it, or no path at all."""


def without_authority(target: bytes) -> bytes:
    """The path of a request target that is a whole URL (RFC 9112, 3.2.2)."""
    match = _ABSOLUTE.match(target)
    return target if match is None else target[match.end() :] or b"/"


def normal(path: bytes) -> bytes:
    """
    A path in which no character is encoded without need (RFC 3986, 6.2.2.2).

    :raises BadPath: when it is none.
    """
    if not path.startswith(b"/"):
        raise BadPath

    def decoded(match: re.Match[bytes]) -> bytes:
        if match[1] is None:
            raise BadPath
        code = int(match[1], 16)
        return bytes([code]) if code in _UNRESERVED else match[0].upper()

    return _ESCAPE.sub(decoded, path)


def clean(path: bytes) -> bytes:
    """A path without ``//``, ``.`` and ``..``; a slash at its end stays."""
    cleaned = b"/" + posixpath.normpath(path).lstrip(b"/")
    return cleaned if cleaned == b"/" or not path.endswith(b"/") else cleaned + b"/"


class SegmentConverter(BaseConverter):
    """
    A variable segment, in any encoding: bytes that are not UTF-8 become lone
    surrogates, which no name in here contains.
    """

    part_isolating = True
    regex = "[^/]+"

    def to_python(self, value: str) -> str:
        """The segment, decoded."""
        return unquote(value, errors="surrogateescape")
