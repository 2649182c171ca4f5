"""
Everything that is kept, as JSON documents.

A document does not hold the name, which is the key that it is kept under.  All that is
not ASCII is escaped, so that no store ever meets a NUL or a broken line.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from devlxd.errors import InvalidData
from devlxd.model.event import Event, EventType, Record
from devlxd.model.image import Alias, Image, Part
from devlxd.model.instance import Devices, Instance, InstanceType, Profile
from devlxd.model.names import (
    AliasName,
    ImageName,
    InstanceName,
    ProfileName,
    QualifiedName,
)
from devlxd.stores.backend import StoreUnusable

__all__ = [
    "alias_document",
    "alias_from",
    "image_document",
    "image_from",
    "instance_document",
    "instance_from",
    "profile_document",
    "profile_from",
    "record_from",
    "record_row",
]

N = TypeVar("N", bound=QualifiedName)
V = TypeVar("V")


def _text(document: Mapping[str, object]) -> str:
    return json.dumps(document, separators=(",", ":"))


def _plain(devices: Devices) -> dict[str, dict[str, str]]:
    return {name: dict(device) for name, device in devices.items()}


def instance_document(instance: Instance) -> str:
    """An instance as a document."""
    return _text(
        {
            "type": instance.type.value,
            "architecture": instance.architecture,
            "description": instance.description,
            "config": dict(instance.config),
            "devices": _plain(instance.devices),
            "profiles": instance.profiles,
            "ephemeral": instance.ephemeral,
            "stateful": instance.stateful,
            "location": instance.location,
            "created": instance.created.isoformat(),
        }
    )


def profile_document(profile: Profile) -> str:
    """A profile as a document."""
    return _text(
        {
            "description": profile.description,
            "config": dict(profile.config),
            "devices": _plain(profile.devices),
        }
    )


_TIMES = ("created", "expires", "uploaded", "last_used")


def _part(part: Part | None) -> dict[str, object] | None:
    return None if part is None else {"size": part.size, "extension": part.extension}


def image_document(image: Image) -> str:
    """An image as a document."""
    return _text(
        {
            "metadata": _part(image.metadata),
            "rootfs": _part(image.rootfs),
            "type": image.type.value,
            "architecture": image.architecture,
            "public": image.public,
            "cached": image.cached,
            "auto_update": image.auto_update,
            "properties": dict(image.properties),
            "filename": image.filename,
            **{name: getattr(image, name).isoformat() for name in _TIMES},
        }
    )


def alias_document(alias: Alias) -> str:
    """An alias as a document."""
    return _text({"target": alias.target, "description": alias.description})


def _image(name: ImageName, document: Any) -> Image:
    rootfs = document["rootfs"]
    return Image(
        name.project,
        name.name,
        **{
            **document,
            "metadata": Part(**document["metadata"]),
            "rootfs": rootfs and Part(**rootfs),
            "type": InstanceType(document["type"]),
            **{time: datetime.fromisoformat(document[time]) for time in _TIMES},
        },
    )


def _alias(name: AliasName, document: Any) -> Alias:
    return Alias(name, **document)


def _instance(name: InstanceName, document: Any) -> Instance:
    return Instance(
        name,
        **{
            **document,
            "type": InstanceType(document["type"]),
            "created": datetime.fromisoformat(document["created"]),
        },
    )


def _profile(name: ProfileName, document: Any) -> Profile:
    return Profile(name, **document)


def _read(build: Callable[[N, Any], V], name: N, text: str) -> V:
    try:
        return build(name, json.loads(text))
    except (AttributeError, InvalidData, LookupError, TypeError, ValueError) as error:
        raise StoreUnusable(f"the document of {name} is broken: {error}") from error


def instance_from(name: InstanceName, text: str) -> Instance:
    """
    The instance that was made a document.

    :raises StoreUnusable: when it is no such document.
    """
    return _read(_instance, name, text)


def profile_from(name: ProfileName, text: str) -> Profile:
    """
    The profile that was made a document.

    :raises StoreUnusable: when it is no such document.
    """
    return _read(_profile, name, text)


def image_from(name: ImageName, text: str) -> Image:
    """
    The image that was made a document.

    :raises StoreUnusable: when it is no such document.
    """
    return _read(_image, name, text)


def alias_from(name: AliasName, text: str) -> Alias:
    """
    The alias that was made a document.

    :raises StoreUnusable: when it is no such document.
    """
    return _read(_alias, name, text)


def record_row(record: Record) -> tuple[int, int, str, str]:
    """The number, the time, the type and the metadata of an event."""
    event = record.event
    return record.seq, record.timestamp, event.type.value, _text(event.metadata)


def record_from(seq: int, timestamp: int, kind: str, metadata: str) -> Record:
    """The event that was made a row."""
    return Record(seq, timestamp, Event(EventType(kind), json.loads(metadata)))
