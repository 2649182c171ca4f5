"""When cloud-init is to run anew: it does so when it reads another instance-id."""

from __future__ import annotations

from attrs import evolve

from devlxd.model.expansion import Expanded
from devlxd.model.instance import Config, Devices, Instance, Profile

UUID = "volatile.uuid"
"""The key that tells an instance from a later one of the same name."""

INSTANCE_ID = "volatile.cloud-init.instance-id"
"""The key that holds the id that cloud-init compares with its last one."""

_SEEDS = frozenset(
    f"{namespace}.{seed}"
    for namespace in ("cloud-init", "user")
    for seed in ("vendor-data", "user-data", "network-config")
)
_SSH_KEYS = "cloud-init.ssh-keys."


def _seeds(config: Config) -> dict[str, str]:
    return {
        key: value
        for key, value in config.items()
        if key in _SEEDS or key.startswith(_SSH_KEYS)
    }


def _set_seeds(config: Config) -> dict[str, str]:
    # An empty value is no value, as everywhere in LXD.
    return {key: value for key, value in _seeds(config).items() if value}


def _nic_names(devices: Devices) -> set[str]:
    return {
        device.get("name") or key
        for key, device in devices.items()
        if device["type"] == "nic"
    }


def reads_differ(before: Expanded, after: Expanded) -> bool:
    """
    Whether cloud-init has to run anew after a change of an instance.

    LXD's rule: user-data, vendor-data, network-config (each in ``cloud-init.`` and in
    ``user.``) or ``cloud-init.ssh-keys.*`` have other values, or the NICs other names.
    """
    return _set_seeds(before.config) != _set_seeds(after.config) or (
        _nic_names(before.devices) != _nic_names(after.devices)
    )


def may_reach_cloud_init(before: Profile, after: Profile) -> bool:
    """
    Whether `reads_differ` can be true of any instance because of a profile's change.

    Most often it cannot, and then thousands of users need not be expanded to see that.
    """
    return (
        _seeds(before.config) != _seeds(after.config) or before.devices != after.devices
    )


def renewed(instance: Instance, instance_id: str) -> Instance:
    """The instance under another instance-id."""
    return evolve(instance, config={**instance.config, INSTANCE_ID: instance_id})
