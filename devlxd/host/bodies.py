"""
Documents in the bodies of requests, as clients send them.

Unknown fields are ignored, and ``null`` is the same as nothing: clients send whole
documents back with all that they were once given.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from attrs import frozen
from twisted.web.iweb import IRequest

from devlxd.errors import BadRequest, PreconditionFailed
from devlxd.model.instance import Config, Devices


@frozen
class Body:
    """
    A document.

    :ivar content: its fields.
    """

    content: Mapping[str, Any]

    def has(self, field: str) -> bool:
        """Whether a field is there and is something."""
        return self.content.get(field) is not None

    def text(self, field: str, default: str = "") -> str:
        """
        A text.

        :raises BadRequest: when it is something else.
        """
        return str(self._of(field, str, default))

    def flag(self, field: str, default: bool = False) -> bool:
        """
        A truth value.

        :raises BadRequest: when it is something else.
        """
        return bool(self._of(field, bool, default))

    def number(self, field: str) -> int:
        """
        A whole number; 0 when it is not there.

        :raises BadRequest: when it is something else.
        """
        number = self._of(field, int, 0)
        if isinstance(number, bool):
            raise BadRequest(f"Invalid {field}: not a number")
        return int(number)

    def texts(self, field: str) -> tuple[str, ...]:
        """
        A list of texts.

        :raises BadRequest: when it is something else.
        """
        items = self._of(field, list, [])
        if not all(isinstance(item, str) for item in items):
            raise BadRequest(f"Invalid {field}: not a list of texts")
        return tuple(items)

    def config(self, field: str = "config") -> Config:
        """
        A map of texts.

        :raises BadRequest: when it is something else.
        """
        return _texts(field, self._of(field, dict, {}))

    def devices(self) -> Devices:
        """
        Maps of texts by name.

        :raises BadRequest: when they are something else.
        """
        devices = self._of("devices", dict, {})
        return {
            name: _texts(f"devices.{name}", device) for name, device in devices.items()
        }

    def maps(self, field: str) -> Mapping[str, Any]:
        """
        A map whose values may be ``null``, as `PATCH` has them.

        :raises BadRequest: when it is something else.
        """
        found: Mapping[str, Any] = self._of(field, dict, {})
        return found

    def within(self, field: str) -> Body:
        """
        A document within this one.

        :raises BadRequest: when it is something else.
        """
        return Body(self._of(field, dict, {}))

    def _of(self, field: str, kind: type, default: Any) -> Any:
        value = self.content.get(field)
        if value is None:
            return default
        if not isinstance(value, kind):
            raise BadRequest(f"Invalid {field}: not a {_NAMES[kind]}")
        return value


_NAMES: dict[type, str] = {
    bool: "truth value",
    dict: "map",
    int: "number",
    list: "list",
    str: "text",
}


def body_of(request: IRequest) -> Body:
    """
    The document in the body of a request.

    :raises BadRequest: when it is no JSON object.  Nothing at all is none, either: a
        ``PUT`` that has lost its body must not empty what it was to replace.
    """
    raw = request.content.read()
    if not raw.strip():
        raise BadRequest("Invalid request body: EOF")
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"Invalid request body: {error}") from None
    if not isinstance(content, dict):
        raise BadRequest("Invalid request body: not an object")
    return Body(content)


def check_etag(request: IRequest, etag: str) -> None:
    """
    Compare what the caller believes to change with what there is.

    :raises PreconditionFailed: when these are not the same.
    """
    wanted = request.getHeader(b"If-Match")
    if wanted and wanted.decode("latin-1").strip('"') != etag:
        raise PreconditionFailed(
            f"ETag doesn't match: {etag} vs {wanted.decode('latin-1')}"
        )


def parameter(request: IRequest, name: str, default: str = "") -> str:
    """The first value of a query parameter."""
    values = request.args.get(name.encode())
    return values[0].decode("utf-8", "replace") if values else default


def _texts(field: str, value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise BadRequest(f"Invalid {field}: not a map")
    for key, text in value.items():
        if not isinstance(text, str):
            raise BadRequest(f"Invalid {field}: the value of {key!r} is not a text")
    return dict(value)
