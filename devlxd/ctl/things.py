"""
Instances and profiles as LXD's documents have them.

What a host says beyond what is read here is kept and shown, and otherwise ignored.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias
from urllib.parse import parse_qs, unquote, urlsplit

from attrs import frozen

from devlxd.client.documents import Malformed, array, devices, mapping, text

__all__ = ["INSTANCE", "PROFILE", "Content", "Kind", "Thing", "named", "thing"]

Content: TypeAlias = dict[str, Any]
"""What of a thing can be changed: a document of the kind's fields, all of them."""


def flag(document: object) -> bool:
    """
    A truth value, or a text that says one.

    :raises Malformed: when it is none.
    """
    if document in ("true", "false"):
        return document == "true"
    if not isinstance(document, bool):
        raise Malformed("true or false was due")
    return document


def texts(document: object) -> list[str]:
    """
    :raises Malformed: when these are none.
    """
    return [text(item) for item in array(document)]


def config(document: object) -> dict[str, str]:
    """
    Keys and values.  A key without a value is not set.

    :raises Malformed: when they are of another shape.
    """
    found = {}
    for key, value in sorted(mapping(document).items()):
        if value is not None:
            found[key] = _within(key, text, value)
    return found


def all_devices(document: object) -> dict[str, dict[str, str]]:
    """
    Devices by name.

    :raises Malformed: when they are of another shape.
    """
    return devices(
        {
            name: _within(name, config, {} if device is None else device)
            for name, device in mapping(document).items()
        }
    )


Read: TypeAlias = Callable[[object], Any]


@frozen
class Kind:
    """
    A kind of thing that there are many of.

    :ivar word: what people call it.
    :ivar path: where all of them are.
    :ivar fields: what can be changed: how each field is read, and what it is when
        nothing is said.
    """

    word: str
    path: str
    fields: Mapping[str, tuple[Read, Callable[[], Any]]]

    def content(self, document: Mapping[str, object]) -> Content:
        """
        What of a document can be changed.

        :raises Malformed: when a field is of another shape.
        """
        found = {}
        for field, (read, blank) in self.fields.items():
            value = document.get(field)
            found[field] = blank() if value is None else _within(field, read, value)
        return found


_SHARED: Mapping[str, tuple[Read, Callable[[], Any]]] = {
    "description": (text, str),
    "config": (config, dict),
    "devices": (all_devices, dict),
}

PROFILE = Kind("profile", "/1.0/profiles", _SHARED)

INSTANCE = Kind(
    "instance",
    "/1.0/instances",
    {
        "architecture": (text, str),
        "profiles": (texts, list),
        "ephemeral": (flag, bool),
        "stateful": (flag, bool),
        **_SHARED,
    },
)


@frozen
class Thing:
    """
    An instance or a profile.

    :ivar document: all that the host said.
    :ivar content: what of that can be changed.
    :ivar etag: names this state of it, if the host said so.
    """

    kind: Kind
    name: str
    document: Mapping[str, Any]
    content: Content
    etag: str | None = None

    def word(self, field: str) -> str:
        """A text of the document; empty when it has none."""
        return str(self.document.get(field) or "")

    def config(self, expanded: bool = False) -> dict[str, str]:
        """
        The config.

        :param expanded: whether with what comes from profiles.
        """
        whole = self.document.get("expanded_config") if expanded else None
        return dict(self.content["config"]) if whole is None else config(whole)

    def devices(self, expanded: bool = False) -> dict[str, dict[str, str]]:
        """The devices; as `config`."""
        whole = self.document.get("expanded_devices") if expanded else None
        return dict(self.content["devices"]) if whole is None else all_devices(whole)


def thing(kind: Kind, document: object, etag: str | None = None) -> Thing:
    """
    What a host says of one.

    :raises Malformed: when it is of another shape.
    """
    told = mapping(document)
    for field in ("expanded_config", "expanded_devices"):
        read = config if field == "expanded_config" else all_devices
        if told.get(field) is not None:
            read(told[field])
    return Thing(kind, text(told.get("name")), told, kind.content(told), etag)


def named(kind: Kind, source: str) -> tuple[str, str] | None:
    """The project and the name of what a URL is about, if it is of this kind."""
    parts = urlsplit(source)
    head, _, name = parts.path.rpartition("/")
    if head != kind.path:
        return None
    project = parse_qs(parts.query).get("project", ["default"])[0]
    return project, unquote(name)


def _within(place: str, read: Read, value: object) -> Any:
    """What is wrong with a part is told with the way there."""
    try:
        return read(value)
    except Malformed as error:
        raise Malformed(f"{place}: {error}") from None
