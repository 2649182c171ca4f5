"""
Which keys of a device can change while the instance runs.

A device of which only such keys changed is *updated*; any other change takes it away
and brings it back.  The table is LXD's: what its device drivers say of themselves.
"""

from __future__ import annotations

from typing import TypeAlias

from devlxd.model.instance import Device

Kind: TypeAlias = tuple[str, str]
"""The type of a device and, for NICs, its ``nictype``."""

_BRIDGED = frozenset(
    {
        "ipv4.address",
        "ipv4.routes",
        "ipv4.routes.external",
        "ipv6.address",
        "ipv6.routes",
        "ipv6.routes.external",
        "limits.egress",
        "limits.ingress",
        "limits.max",
        "limits.priority",
        "security.ipv4_filtering",
        "security.ipv6_filtering",
        "security.mac_filtering",
    }
)
_P2P = frozenset(
    {
        "ipv4.routes",
        "ipv6.routes",
        "limits.egress",
        "limits.ingress",
        "limits.max",
        "limits.priority",
    }
)
_DISK = frozenset({"limits.max", "limits.read", "limits.write", "size", "size.state"})

LIVE_KEYS: dict[Kind, frozenset[str]] = {
    ("disk", ""): _DISK,
    ("nic", "bridged"): _BRIDGED,
    ("nic", "p2p"): _P2P,
    # A NIC that names a managed network instead of its type; bridges are the rule.
    ("nic", ""): _BRIDGED,
}


def is_live_update(before: Device, after: Device) -> bool:
    """Whether a device became *after* by keys alone that can change live."""
    kind = _kind(before)
    if kind != _kind(after):
        return False
    changed = {
        key
        for key in before.keys() | after.keys()
        if before.get(key, "") != after.get(key, "")
    }
    return changed <= LIVE_KEYS.get(kind, frozenset())


def _kind(device: Device) -> Kind:
    return device.get("type", ""), device.get("nictype", "")
