"""What ``PATCH`` and ``PUT`` make of config and devices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from devlxd.errors import BadRequest
from devlxd.model.instance import Config, Devices


def without_empty(config: Config) -> dict[str, str]:
    """A config in which no value is empty: for an operator, empty means unset."""
    return {key: value for key, value in config.items() if value}


def with_values(devices: Devices) -> dict[str, dict[str, str]]:
    """Devices in which no value is empty, likewise."""
    return {name: without_empty(device) for name, device in devices.items()}


def patched_config(old: Config, changes: Mapping[str, Any]) -> dict[str, str]:
    """
    A config with some keys changed; ``null`` or an empty text removes one.

    :raises BadRequest: when a value is no text.
    """
    for key, value in changes.items():
        if not isinstance(value, str | None):
            raise BadRequest(f"Invalid config: the value of {key!r} is not a text")
    return without_empty({**old, **{k: v or "" for k, v in changes.items()}})


def patched_devices(
    old: Devices, changes: Mapping[str, Any]
) -> dict[str, Mapping[str, str]]:
    """
    Devices of which some are replaced; ``null`` removes one.

    :raises BadRequest: when a device is no map of texts.
    """
    devices: dict[str, Mapping[str, str]] = dict(old)
    for name, device in changes.items():
        if device is None:
            devices.pop(name, None)
        elif isinstance(device, dict) and all(
            isinstance(value, str) for value in device.values()
        ):
            devices[name] = without_empty(device)
        else:
            raise BadRequest(f"Invalid devices: {name!r} is not a map of texts")
    return devices
