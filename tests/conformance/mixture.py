"""Requests thrown together, out of parts that are answered alike one by one."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from tests.conformance.requests import Request

_METHODS = ("GET",) * 6 + ("HEAD", "POST", "PATCH", "OPTIONS", "TRACE", "M-SEARCH", "a")
_SEGMENTS = (
    *("1.0", "config", "user.a", "devices", "meta-data", "x", "%25", "%00", "a+b"),
    *("user.%C3%A9", "user.sp%20ace", "user.pc%2541", "user.A", "%c3%a9", "%7e"),
    *("~", "@", ":", "&", "=", "$", ",", ";", "config%2Fuser.a", "user.a%2Fb"),
)
_QUERIES = ("",) * 6 + ("?a", "?a=b", "?%", "?..", "?/", "?//", "?a#b")
_HEADERS = (
    *("Accept: */*", "Accept-Language: \u00e9", "Cookie: a", "Date: x", "Pragma: x"),
    *("Content-Length: 0", "Content-Length: 00", "Expect:", "Range: bytes=0-0"),
    *("If-Modified-Since: x", "Trailer: X", "TE: trailers", "Upgrade: x", "Via: 1.0 x"),
    *("User-Agent:", "X-A:  b  ", "X-A:\tb", "X_Y: z", "x.y: z", "Connection: close"),
    *("Proxy-Connection: close", "Connection: x", "Authorization: Bearer x"),
)


def mixed(seed: int, count: int) -> Iterator[Request]:
    """
    Requests that are the same for the same seed.

    :param count: how many.
    """
    # Not for secrets.
    random = Random(seed)  # noqa: S311
    for number in range(count):
        yield Request(f"mixed {seed}/{number}", _mixed(random))


def _mixed(random: Random) -> bytes:
    path = "/".join(random.choices(_SEGMENTS, k=random.randint(1, 3)))
    begin = random.choice(("/", "/1.0/", "/1.0/config/"))
    version = random.choice(("1.1",) * 5 + ("1.0",))
    target = begin + path + random.choice(_QUERIES)
    # Two lengths would be a difference of their own.
    headers = random.sample(_HEADERS, k=random.randint(0, 3))
    lengths = [each for each in headers if each.startswith("Content-Length")]
    headers = [each for each in headers if each not in lengths[1:]]
    lines = [
        f"{random.choice(_METHODS)} {target} HTTP/{version}",
        "Host: lxd",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode()
