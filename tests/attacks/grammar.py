"""Random requests: some are sound, some are not, and some ask for what is another's."""

from __future__ import annotations

import re
from random import Random

RULES: dict[str, tuple[str, ...]] = {
    "method": (
        *("GET",) * 40,
        *("HEAD", "HEAD", "PATCH", "PUT", "POST", "DELETE", "OPTIONS", "TRACE"),
        *("get", "CONNECT", "<word>", "GÉT", ""),
    ),
    "target": (
        *("<path>",) * 40,
        *("<path>?<query>", "<path>?<query>", "http://<word><path>", "*", "<word>"),
        *("//<word><path>", "<path>#<word>", "<path><damage>"),
    ),
    "path": (
        *("/", "/1.0", "/1.0/config", "/1.0/devices", "/1.0/meta-data") * 5,
        *("/1.0/config/<key>",) * 20,
        *("/1.0/events", "/1.0/<dots>/1.0", "/1.0/config/<dots><key>"),
        *("/<dots>etc/passwd", "/1.0/instances/<other>"),
        *("/1.0/instances/<other>/config", "/1.0/<word>"),
        *("/1.0/devlxd/instances/<other>/init", "/1.0/images/<word>/export"),
        *("/<path>", "/1.0/profiles/default", "/<word>/<word>", "<path>/"),
        "/1.0/operations/<word>",
    ),
    "key": (
        *("user.name", "user.secret", "user.name", "user.<word>", "user.", ""),
        *("cloud-init.user-data", "volatile.uuid", "security.devlxd", "boot.<word>"),
        *("%75ser.name", "user%2Ename", "user%2fname", "user.<damage>"),
        "user.<long>",
    ),
    "dots": (*("..", ".", "%2e%2e", "..%2f", "../..", "....", "%00", "/"),),
    "query": (
        *("type=config", "type=<word>", "since=<number>", "project=<other>"),
        *("target=<other>", "<query>&<query>", "<word>=<damage>", "recursion=1"),
        "&&&",
    ),
    "other": (*("*", "<word>", "<word>", "default", "0", "%25", "_", "<number>"),),
    "number": (
        *("0", "1", "-1", "latest", "99999999999999999999", "1e9", "0x1", "<word>"),
    ),
    "word": (*("a", "lxd", "x.y", "café", "%41", "null", "user", "[::1]", "a_b"),),
    "long": (*("x" * 300, "%41" * 100, "<word>" * 20),),
    "damage": (
        *("%", "%zz", "%00", "\x00", "ÿ", "%ff%fe", "%ed%a0%80", " ", "\t", "\\"),
    ),
    "version": (
        *("HTTP/1.1",) * 99,
        *("HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/1.2", "HTTP/9", "http/1.1", ""),
    ),
    "host": (
        *("Host: lxd\r\n",) * 99,
        *("", "Host:\r\n", "Host: <word>\r\n", "Host: a\r\nHost: b\r\n"),
        "Host: <damage>\r\n",
    ),
    "headers": (
        *("",) * 6,
        *("<header>\r\n", "<header>\r\n<headers>"),
    ),
    "header": (
        *("Connection: close", "Connection: keep-alive", "Connection: upgrade"),
        *("Upgrade: websocket", "Sec-WebSocket-Version: 13", "Cookie: a=<damage>; b"),
        *("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Expect: 100-continue"),
        *("Authorization: Bearer <word>", "X-LXD-forwarded-address: <other>"),
        *("Range: bytes=0-<number>", "Accept: <word>", "Content-Type: <word>/<word>"),
        *("Accept-Encoding: gzip", "<word>: <long>", " <word>", "<word>", ": <word>"),
        *("Transfer-Encoding: gzip", "If-Match: <word>", "X: <damage>"),
        "X: <number>",
    ),
    "body": (
        *("",) * 6,
        *('{"state": "Ready"}', '{"state": "<word>"}', "<json>", "<json>"),
        "<json><json>",
    ),
    "json": (
        *("null", "true", "[]", "[<json>,<json>]", '{"<word>": <json>}', "<number>"),
        *('"<word>"', '{"STATE": "<word>"}', '{"state": <json>}', "{", "[[[[[["),
        *('"\\ud800"', '"<damage>"', "1" * 400, '{"state": null, "state": 1}', ""),
        "NaN",
    ),
}
"""What stands for what: each time one of the alternatives, by chance."""

_NAME = re.compile(r"<(\w+)>")
_DEEPEST = 12


class Grammar:
    """
    Makes requests, the same ones for the same number.

    :param seed: that number.
    """

    def __init__(self, seed: int) -> None:
        self._chance = Random(seed)  # noqa: S311 (repeatable, not secret)

    def requests(self) -> bytes:
        """A few requests in a row, which may be damaged here and there."""
        stream = b"".join(self._request() for _ in range(self._chance.randint(1, 10)))
        if self._chance.random() < 0.05:
            start = self._chance.randrange(len(stream) + 1)
            end = start + self._chance.randrange(8)
            stream = stream[:start] + self._chance.randbytes(4) + stream[end:]
        return stream

    def pieces(self, stream: bytes) -> list[bytes]:
        """A stream in one to three pieces."""
        places = [self._chance.randrange(len(stream) + 1) for _ in range(2)]
        first, second = sorted(places)
        return [stream[:first], stream[first:second], stream[second:]]

    def _request(self) -> bytes:
        line = self._some("<method> <target> <version>")
        body = self._some("<body>")
        head = f"{line}\r\n{self._some('<host><headers>')}"
        return f"{head}{self._framed(body)}".encode("latin-1")

    def _framed(self, body: str) -> str:
        """A body with the headers that say how long it is, or lie about it."""
        kind = self._chance.randrange(25)
        if kind == 0:
            chunks = f"{len(body):x}\r\n{body}\r\n" if body else ""
            return f"Transfer-Encoding: chunked\r\n\r\n{chunks}0\r\n\r\n"
        if kind == 1:
            length = self._chance.choice(("-1", "+1", "1e3", "", "99", "2000000", "0"))
            return f"Content-Length: {length}\r\n\r\n{body}"
        return f"Content-Length: {len(body)}\r\n\r\n{body}" if body else "\r\n"

    def _some(self, text: str, depth: int = 0) -> str:
        if depth > _DEEPEST:
            return _NAME.sub("", text)
        return _NAME.sub(
            lambda name: self._some(self._chance.choice(RULES[name[1]]), depth + 1),
            text,
        )
