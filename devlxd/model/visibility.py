"""
What of its config and devices an instance may read.

The rule is LXD's: keys under ``user.`` and ``cloud-init.``, and no other, ever.
"""

from __future__ import annotations

from devlxd.model.expansion import Expanded
from devlxd.model.instance import Config
from devlxd.model.sshkeys import DATA_KEYS, KEY_PREFIX, rewritten
from devlxd.model.validation import is_false

PREFIXES = ("user.", "cloud-init.")
"""What the keys start with that leave the host."""

SWITCH = "security.devlxd"
"""The key by which an instance is forbidden to use the guest API."""


def is_served(config: Config, switch: str = SWITCH) -> bool:
    """
    Whether an instance may use the guest API at all: unless it is forbidden to.

    :param config: the expanded config.
    :param switch: the key that says so.
    """
    return not is_false(config.get(switch))


def is_readable(key: str) -> bool:
    """Whether an instance may read the value of a key, if it has one."""
    return key.startswith(PREFIXES)


def readable(config: Config) -> dict[str, str]:
    """
    The part of a config that an instance may read, and on which alone depends what it
    reads under a key.

    :param config: the expanded config.
    """
    return {key: value for key, value in config.items() if is_readable(key)}


def listed_keys(config: Config) -> list[str]:
    """
    The keys that ``GET /1.0/config`` lists, sorted.

    SSH keys are not listed by themselves: they reach the guest within user-data and
    vendor-data, which are therefore listed even when neither form of them is set.

    :param config: the expanded config.
    """
    keys = {key for key in config if is_readable(key)}
    hidden = {key for key in keys if key.startswith(KEY_PREFIX)}
    keys -= hidden
    if hidden:
        for pair in DATA_KEYS:
            if not any(config.get(key) for key in pair):
                keys.update(pair)
    return sorted(keys)


def value_of(config: Config, key: str) -> str | None:
    """
    What an instance reads under a key: its value, with the SSH keys merged in where
    it is user-data or vendor-data; ``None`` when there is nothing to read, as there
    never is under a key that is not `is_readable`.

    :param config: the expanded config.
    """
    return (rewritten(config, key) or None) if is_readable(key) else None


def visible_devices(expanded: Expanded) -> dict[str, dict[str, str]]:
    """
    The expanded devices, with the MAC address of each NIC that has none of its own
    from the instance's ``volatile.NAME.hwaddr``.
    """
    devices = {name: dict(device) for name, device in expanded.devices.items()}
    for name, device in devices.items():
        if device.get("type") == "nic" and not device.get("hwaddr"):
            hwaddr = expanded.instance.config.get(f"volatile.{name}.hwaddr")
            if hwaddr:
                device["hwaddr"] = hwaddr
    return devices
