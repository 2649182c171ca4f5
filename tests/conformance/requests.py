"""What guests send: to the real LXD and to us alike, byte for byte."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from attrs import frozen


@frozen
class Request:
    """
    What a guest sends on a connection of its own.

    :ivar name: what it is called in tables.
    :ivar answers: how many are due.
    """

    name: str
    content: bytes
    answers: int = 1

    @property
    def is_head(self) -> bool:
        """Whether its answers have no bodies."""
        return self.content.startswith(b"HEAD ")


def written(
    method: str, target: str, *headers: str, body: str = "", version: str = "1.1"
) -> bytes:
    """A request as it goes over the wire."""
    lines = [f"{method} {target} HTTP/{version}"]
    lines += ["Host: lxd"] if version == "1.1" else []
    lines += [*headers, *([f"Content-Length: {len(body)}"] if body else [])]
    return "\r\n".join([*lines, "", body]).encode()


PATHS = (
    "/",
    "/1.0",
    "/1.0/config",
    "/1.0/config/user.a",
    "/1.0/config/user.none",
    "/1.0/config/volatile.uuid",
    "/1.0/meta-data",
    "/1.0/devices",
    "/nope",
)

EVENTS = "/1.0/events"

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "FOO", "get")

_ODD_PATHS = (
    *("//", "//1.0", "/1.0/", "/1.0//config", "/./1.0", "/1.0/../1.0", "/1.0/."),
    *("/1.0/config/", "/1.0/config//user.a", "/1.0/config/user.a/", "/1.0/x/.."),
    *("/1.0/%63onfig", "/%31.0", "/1.0%2Fconfig", "/1.0/config%2Fuser.a", "/2.0"),
    *("/1.0/Config", "/1.0/metadata", "/1.0/meta-data/", "/1.0/devices/eth0", "/.."),
    *("/1.0/events/", "/1.0/ubuntu-pro", "/1.0/instances/c1", "/1.0/storage-pools"),
    *("/1.0/operations", "/1.0/images", "/1.0;x=1", "/1.0/config/user.a;x", "*"),
    *("/1.0/./config?x=1", "//1.0?x=/./1.0", "/1.0#x", "/1.0/config/../devices"),
    *("/(/./x", "/1.0//user.%C3%A9", "/|/x/%2E%2e", "/1.0/%2e/config"),
    *("http://other/1.0", "http://other", "/1.0\\config", "/1.0/{x}", "/1.0/|"),
)

_KEYS = (
    *("user.sp%20ace", "user.sp+ace", "user.a%2Fb", "user.a%2fb", "%75ser.a"),
    *("user.%C3%A9", "user.%c3%a9", "user.%FF", "user.%00", "user.a%00", "user.a%0A"),
    *("user.pc%2541", "user.pc%41", "user.a%", "user.a%z1", "user.a%2", "user."),
    *("user", "USER.a", "User.a", ".user.a", "user..a", "user.a.", "usera", "_"),
    *("cloud-init.user-data", "cloud-init.vendor-data", "user.network-config"),
    *("cloud-init.none", "cloud-init.", "cloud-init", "user.meta-data", "user.p"),
    *("user.large", "user.html", "user.lines", "user.unicode", "user.empty"),
    *("security.devlxd", "image.os", "limits.cpu", "raw.lxc", "boot.autostart"),
    *("volatile.cloud-init.instance-id", "user.a?b", "user.a%3Fb", "user.a#b", "%"),
    *("user.2048", "user.2049", "x" * 300, "user." + "y" * 3000),
)

_QUERIES = (
    *("?", "?x", "?x=1&x=2", "?recursion=1", "?%zz", "?a=%00", "?;", "?a;b", "?%"),
    *("?project=other", "?type=device", "??", "?" + "q" * 5000),
)

_HEADERS: tuple[tuple[str, ...], ...] = (
    ("Authorization: Bearer x",),
    ("Authorization: Basic eDp5",),
    ("Accept: text/html",),
    ("Accept-Encoding: gzip",),
    ("Cookie: a=b",),
    ("Content-Type: application/json",),
    ("Content-Type: multipart/form-data",),
    ("Content-Type: application/x-www-form-urlencoded",),
    ("Expect: 100-continue",),
    ("Expect: nothing",),
    ("Expect:",),
    ("If-Match: x",),
    ("If-None-Match: *",),
    ("Range: bytes=0-1",),
    ("Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings", "HTTP2-Settings: AA"),
    ("Upgrade: websocket",),
    ("Connection: keep-alive",),
    ("Connection: close",),
    ("Connection: CLOSE",),
    ("Connection: x, close",),
    ("Connection: x", "Connection: close"),
    ("X-Forwarded-For: 1.2.3.4",),
    ("User-Agent: lxd-cluster-notifier",),
    ("Origin: http://elsewhere",),
    ("X: \x01",),
    ("X-Latin: é",),
    ("X-Empty:",),
    ("X-Folded: a", " b"),
    (" X: leading",),
    ("X : space",),
    ("no colon",),
    (": no name",),
    ("X(: odd",),
    ("Host: twice",),
    ("Content-Length: 0", "Content-Length: 0"),
    ("Content-Length: 0", "Content-Length: 1"),
    ("Content-Length: x",),
    ("Content-Length: -1",),
    ("Content-Length: +1",),
    ("Content-Length: 99999999999999999999",),
    ("Transfer-Encoding: gzip",),
    ("Host: twice", "Transfer-Encoding: gzip"),
    ("Transfer-Encoding: chunked, chunked",),
    ("X: " + "h" * 20000,),
)

_HEADS = {
    "no Host": b"GET /1.0 HTTP/1.1\r\n\r\n",
    "an empty Host": b"GET /1.0 HTTP/1.1\r\nHost:\r\n\r\n",
    "an odd Host": b"GET /1.0 HTTP/1.1\r\nHost: a b\r\n\r\n",
    "a Host with a slash": b"GET /1.0 HTTP/1.1\r\nHost: a/b\r\n\r\n",
    "bare newlines": b"GET /1.0 HTTP/1.1\nHost: lxd\n\n",
    "an empty line first": b"\r\nGET /1.0 HTTP/1.1\r\nHost: lxd\r\n\r\n",
    "no version": b"GET /1.0\r\n\r\n",
    "HTTP/0.9": b"GET /1.0 HTTP/0.9\r\n\r\n",
    "HTTP/1.2": b"GET /1.0 HTTP/1.2\r\nHost: lxd\r\n\r\n",
    "HTTP/2.0": b"GET /1.0 HTTP/2.0\r\nHost: lxd\r\n\r\n",
    "HTTP/11": b"GET /1.0 HTTP/11\r\nHost: lxd\r\n\r\n",
    "http/1.1": b"GET /1.0 http/1.1\r\nHost: lxd\r\n\r\n",
    "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "two spaces": b"GET  /1.0 HTTP/1.1\r\nHost: lxd\r\n\r\n",
    "no target": b"GET HTTP/1.1\r\nHost: lxd\r\n\r\n",
    "a target without a slash": b"GET 1.0 HTTP/1.1\r\nHost: lxd\r\n\r\n",
    "bytes above ASCII": b"GET /1.0/config/user.\xc3\xa9 HTTP/1.1\r\nHost: lxd\r\n\r\n",
    "a NUL": b"GET /1.0/config/user.\0 HTTP/1.1\r\nHost: lxd\r\n\r\n",
    "no method": b" /1.0 HTTP/1.1\r\nHost: lxd\r\n\r\n",
    "an odd method": b"G@T /1.0 HTTP/1.1\r\nHost: lxd\r\n\r\n",
    "CONNECT": b"CONNECT lxd:80 HTTP/1.1\r\nHost: lxd\r\n\r\n",
    "TLS": b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00\r\n\r\n",
    "nonsense": b"hello\r\n\r\n",
}

_BODIES = {
    "a body": written("GET", "/1.0", body='{"state":"Ready"}'),
    "a form": written(
        "POST", "/1.0", "Content-Type: application/x-www-form-urlencoded", body="a=b"
    ),
    "chunks": written("PATCH", "/1.0", "Transfer-Encoding: chunked")
    + b"2\r\n{}\r\n0\r\n\r\n",
    "chunks and trailers": written("POST", "/1.0", "Transfer-Encoding: chunked")
    + b"0\r\nX: y\r\n\r\n",
    "a coding of 1.0": written(
        "GET", "/1.0", "Transfer-Encoding: identity", version="1.0"
    ),
    "chunks of 1.0": written("GET", "/1.0", "Transfer-Encoding: chunked", version="1.0")
    + b"0\r\n\r\n",
}

_OPENING = (
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)


def opening(**others: str) -> tuple[str, ...]:
    """The opening of a WebSocket with other values, or without a header."""
    found = dict(line.split(": ", 1) for line in _OPENING)
    found.update((name.replace("_", "-"), value) for name, value in others.items())
    return tuple(f"{name}: {value}" for name, value in found.items() if value)


_OPENINGS = {
    "no version": opening(Sec_WebSocket_Version=""),
    "version 8": opening(Sec_WebSocket_Version="8"),
    "no key": opening(Sec_WebSocket_Key=""),
    "a short key": opening(Sec_WebSocket_Key="YQ=="),
    "no Connection": opening(Connection=""),
    "another Connection": opening(Connection="keep-alive"),
    "letter case": opening(Upgrade="WebSocket"),
    "a list": opening(Upgrade="websocket, h2c"),
}


def _requests() -> Iterator[Request]:
    for method, path in product(METHODS, PATHS):
        yield Request(f"{method} {path}", written(method, path))
    for path in PATHS:
        yield Request(f"1.0 {path}", written("GET", path, version="1.0"))
    yield Request(
        "1.0 keep-alive",
        written("GET", "/1.0", "Connection: keep-alive", version="1.0"),
    )
    yield Request("1.0 HEAD", written("HEAD", "/1.0", version="1.0"))
    for path in _ODD_PATHS:
        yield Request(f"path {path}", written("GET", path))
    for path in ("//1.0", "/nope", "/1.0/config/../devices"):
        yield Request(f"DELETE path {path}", written("DELETE", path))
        yield Request(f"HEAD path {path}", written("HEAD", path))
    for key in _KEYS:
        yield Request(f"key {_short(key)}", written("GET", f"/1.0/config/{key}"))
    for query in _QUERIES:
        yield Request(f"query {_short(query)}", written("GET", f"/1.0{query}"))
    for headers in _HEADERS:
        name = _short(" | ".join(headers)).encode("ascii", "backslashreplace").decode()
        yield Request(f"header {name}", written("GET", "/1.0", *headers))
    for what, content in (_HEADS | _BODIES).items():
        yield Request(what, content)
    yield Request("pipelined", written("GET", "/1.0") * 3, answers=3)
    for method in METHODS:
        yield Request(f"{method} {EVENTS}", written(method, EVENTS))
    yield Request("1.0 events", written("GET", EVENTS, version="1.0"))
    for query in ("?type=x", "?type=config&type=x", "?since=x", "?since=latest"):
        yield Request(f"events {query}", written("GET", EVENTS + query))
    for what, headers in _OPENINGS.items():
        yield Request(f"WebSocket, {what}", written("GET", EVENTS, *headers))
    for method in ("POST", "HEAD"):
        yield Request(f"WebSocket by {method}", written(method, EVENTS, *_OPENING))


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:20]}... ({len(text)} characters)"


REQUESTS = tuple(_requests())
"""All but those for images."""
