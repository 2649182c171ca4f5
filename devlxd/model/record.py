"""
A manifest as a JSON text, to be kept and compared with the next.

The text has the form of the file itself: ``{"profiles": {NAME: {...}}, ...}`` with the
keys of LXD's documents, and every scalar is a string.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from devlxd.errors import InvalidData
from devlxd.model.manifest import Manifest
from devlxd.model.names import InstanceName, ProfileName, QualifiedName
from devlxd.model.stated import (
    INSTANCE_FIELDS,
    PROFILE_FIELDS,
    Field,
    StatedInstance,
    StatedProfile,
)

N = TypeVar("N", bound=QualifiedName)
S = TypeVar("S", bound=StatedProfile)


def to_json(manifest: Manifest) -> str:
    """The text of a manifest; equal manifests have equal texts."""
    content = {
        "profiles": _written(manifest.profiles, PROFILE_FIELDS),
        "instances": _written(manifest.instances, INSTANCE_FIELDS),
    }
    return json.dumps(content, sort_keys=True)


def from_json(text: str) -> Manifest:
    """
    :raises InvalidData: when this is no text of `to_json`.
    """
    try:
        content = json.loads(text)
        return Manifest(
            _read(content["profiles"], ProfileName, StatedProfile, PROFILE_FIELDS),
            _read(content["instances"], InstanceName, StatedInstance, INSTANCE_FIELDS),
        )
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise InvalidData("Unreadable record of the instances file") from None


def _written(
    entries: Mapping[N, S], known: Mapping[str, Field]
) -> dict[str, dict[str, Any]]:
    return {
        str(name): {
            "config": dict(stated.config),
            "devices": {key: dict(value) for key, value in stated.devices.items()},
            **_written_fields(stated.scalars(), known),
        }
        for name, stated in entries.items()
    }


def _written_fields(
    scalars: Mapping[str, Any], known: Mapping[str, Field]
) -> dict[str, Any]:
    return {
        key: list(map(form.write, value)) if form.many else form.write(value)
        for key, form in known.items()
        if (value := scalars.get(form.attribute)) is not None
    }


def _read(
    entries: Mapping[str, Mapping[str, Any]],
    name: type[N],
    stated: type[S],
    known: Mapping[str, Field],
) -> dict[N, S]:
    return {
        name.parse(key): stated(
            config=entry["config"],
            devices=entry["devices"],
            **_read_fields(entry, known),
        )
        for key, entry in entries.items()
    }


def _read_fields(
    entry: Mapping[str, Any], known: Mapping[str, Field]
) -> dict[str, Any]:
    return {
        form.attribute: (
            tuple(map(form.read, entry[key])) if form.many else form.read(entry[key])
        )
        for key, form in known.items()
        if key in entry
    }
