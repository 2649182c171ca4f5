"""
The opening of a WebSocket (RFC 6455, 4.2.1), as strict as LXD's.

It is checked here so that a bad one is answered in the words of the surface; Autobahn
is given what it cannot refuse.
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error
from collections.abc import Mapping, Sequence
from typing import TypeAlias
from urllib.parse import urlsplit

from attrs import frozen
from twisted.web.http_headers import Headers as RawHeaders

from devlxd.errors import Forbidden, Refusal

Headers: TypeAlias = Mapping[bytes, Sequence[bytes]]
"""The values of headers by lower-case name."""

VERSION = b"13"
_KEY_SIZE = 16
_WEB = frozenset({"http", "https", "ws", "wss"})


class BadHandshake(Refusal):
    """What asks for a WebSocket is not how one is asked for."""

    status = 400
    headers = ((b"Sec-Websocket-Version", VERSION),)
    # The first line is that of LXD's WebSocket library, the second LXD's own.
    default = "Bad Request\ninternal server error"


class BadMethod(BadHandshake):
    """A WebSocket is asked for by another method than ``GET``."""

    status = 405
    default = "Method Not Allowed\ninternal server error"


@frozen
class Handshake:
    """
    A good opening.

    :ivar key: what the answer proves to have read.
    """

    key: bytes


def opening_in(
    raw: RawHeaders, method: bytes = b"GET", any_origin: bool = False
) -> Handshake | None:
    """
    The opening in the headers of a request, if it asks for a WebSocket.

    :param method: that of the request.
    :param any_origin: as that of `handshake`.
    :raises Refusal: as `handshake`.
    """
    headers = {name.lower(): list(values) for name, values in raw.getAllRawHeaders()}
    return handshake(headers, method, any_origin) if wants_websocket(headers) else None


def wants_websocket(headers: Headers) -> bool:
    """Whether a WebSocket is asked for: in exactly this letter case, as by LXD."""
    return list(headers.get(b"upgrade", ())) == [b"websocket"]


def handshake(
    headers: Headers, method: bytes = b"GET", any_origin: bool = False
) -> Handshake:
    """
    The opening in the headers of a request.

    :param method: that of the request.
    :param any_origin: whether it may come from a page of another site.
    :raises BadHandshake: when it is none.
    :raises Forbidden: when it comes from a page of another site.
    """
    connection = b",".join(headers.get(b"connection", ())).lower().split(b",")
    if b"upgrade" not in (option.strip() for option in connection):
        raise BadHandshake
    if method != b"GET":
        raise BadMethod
    if list(headers.get(b"sec-websocket-version", ())) != [VERSION]:
        raise BadHandshake
    keys = headers.get(b"sec-websocket-key", ())
    if len(keys) != 1 or not _is_key(keys[0]):
        raise BadHandshake
    if not any_origin and not _same_origin(headers):
        raise Forbidden
    return Handshake(keys[0])


def _is_key(key: bytes) -> bool:
    try:
        return len(b64decode(key, validate=True)) == _KEY_SIZE
    except Error:
        return False


def _same_origin(headers: Headers) -> bool:
    """
    Whether the page that asks, if it is one, is of the host that it asks.

    Programs send no ``Origin``, or one of a scheme of their own, of which only the host
    name is compared.
    """
    origins = headers.get(b"origin", ())
    if not origins:
        return True
    (host,) = headers.get(b"host", (b"",))
    try:
        origin = urlsplit(origins[0].decode("latin-1"))
        asked = urlsplit(f"//{host.decode('latin-1')}")
        if origin.scheme in _WEB:
            return origin.netloc.lower() == asked.netloc.lower()
        return origin.hostname == asked.hostname
    except ValueError:
        return False
