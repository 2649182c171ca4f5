"""
What a file states of profiles and instances, which may be little of each.

A field that is not stated is ``None`` or absent: it is somebody else's to set.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from attrs import field, fields, frozen

from devlxd.errors import InvalidData
from devlxd.model.instance import (
    Config,
    Devices,
    InstanceType,
    frozen_config,
    frozen_devices,
)
from devlxd.model.names import DEFAULT_PROJECT, ProfileName
from devlxd.model.validation import check_text, is_false, is_true

_MAPS = ("config", "devices")


@frozen
class StatedProfile:
    """What is stated of a profile; the names are those of `Profile`."""

    description: str | None = None
    config: Config = field(factory=dict, converter=frozen_config)
    devices: Devices = field(factory=dict, converter=frozen_devices)

    def scalars(self) -> dict[str, Any]:
        """What is stated, but for config and devices, by attribute."""
        names = (a.name for a in fields(type(self)) if a.name not in _MAPS)
        values = {name: getattr(self, name) for name in names}
        return {name: value for name, value in values.items() if value is not None}


@frozen
class StatedInstance(StatedProfile):
    """What is stated of an instance; the names are those of `Instance`."""

    type: InstanceType | None = None
    architecture: str | None = None
    profiles: tuple[str, ...] | None = None
    ephemeral: bool | None = None
    stateful: bool | None = None
    location: str | None = None
    created: datetime | None = None


@frozen
class Field:
    """
    How a field is written in a document.

    :ivar attribute: its name in the values above.
    :ivar read: makes the value out of a text, or raises `InvalidData`.
    :ivar write: makes the text again.
    :ivar many: whether the document holds a list of such texts.
    """

    attribute: str
    read: Callable[[str], Any]
    write: Callable[[Any], str] = str
    many: bool = False


def _type(text: str) -> InstanceType:
    try:
        return InstanceType(text)
    except ValueError:
        kinds = " or ".join(kind.value for kind in InstanceType)
        raise InvalidData(f"Invalid type {text!r}: must be {kinds}") from None


def _boolean(text: str) -> bool:
    if is_true(text) or is_false(text):
        return is_true(text)
    raise InvalidData(f"Invalid boolean {text!r}: must be true or false")


def _written_boolean(value: bool) -> str:
    return "true" if value else "false"


def _time(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    # A time of the year 1 or 9999 may have no equal in UTC.
    except (ValueError, OverflowError):
        raise InvalidData(
            f"Invalid time {text!r}: must be as 2026-01-31T12:00:00Z"
        ) from None


def _profile(text: str) -> str:
    return ProfileName(DEFAULT_PROJECT, text).name


PROFILE_FIELDS: Mapping[str, Field] = {"description": Field("description", check_text)}
"""The fields of a profile by their keys, but for config and devices."""

INSTANCE_FIELDS: Mapping[str, Field] = {
    **PROFILE_FIELDS,
    "type": Field("type", _type, lambda kind: str(kind.value)),
    "architecture": Field("architecture", check_text),
    "profiles": Field("profiles", _profile, many=True),
    "ephemeral": Field("ephemeral", _boolean, _written_boolean),
    "stateful": Field("stateful", _boolean, _written_boolean),
    "location": Field("location", check_text),
    "created_at": Field("created", _time, datetime.isoformat),
}
"""The fields of an instance by their keys, but for config and devices."""
