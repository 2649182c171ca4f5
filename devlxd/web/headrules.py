"""What HTTP/1.1, as Go speaks it, demands of the lines of a head."""

from __future__ import annotations

import re
from collections.abc import Iterable

from devlxd.web import early

_OTHER_VERSION = re.compile(rb"\S+ \S+ HTTP/[02-9]\.\d")
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
# Go's set; it is larger than that of RFC 3986.
_HOST = re.compile(rb"[!$%&'()*+,\-.0-9:;=A-Z\[\]_a-z~]*")
_NAME = re.compile(rb"[!#$%&'*+\-.0-9A-Z^_`a-z|~]+")
_HEADER = re.compile(_NAME.pattern + rb":[^\x00-\x08\x0a-\x1f\x7f]*")


def refusal_of_first(line: bytes) -> bytes | None:
    """What is answered to a request line of another version of HTTP, or with DEL."""
    if _OTHER_VERSION.fullmatch(line) is not None:
        return early.OTHER_VERSION
    # Twisted takes this for a letter like others.
    return early.BAD_HEAD if b"\x7f" in line else None


def escaped(line: bytes) -> bytes:
    """A request line whose target is ASCII, as curl leaves it to the server."""
    method, space, rest = line.partition(b" ")
    return method + space + _NOT_ASCII.sub(lambda byte: b"%%%02X" % ord(byte[0]), rest)


def is_host(value: bytes) -> bool:
    """Whether this can be the value of ``Host``."""
    return _HOST.fullmatch(value) is not None


def asks_to_close(values: Iterable[bytes]) -> bool:
    """Whether these values of ``Connection`` say that no request follows."""
    options = {option.strip() for option in b",".join(values).lower().split(b",")}
    return b"close" in options


def refusal_of(line: bytes) -> bytes | None:
    """
    What is answered to a header because of its letters; ``None`` when they are right,
    when it is no header at all, and to ``Host``, which `is_host` looks at.
    """
    if _HEADER.fullmatch(line) is not None:
        return None
    name, colon, _ = line.partition(b":")
    if not name or not colon or name.lower() == b"host":
        return None
    return early.BAD_NAME if _NAME.fullmatch(name) is None else early.BAD_VALUE
