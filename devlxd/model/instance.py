"""Instances and profiles, as LXD's documents describe them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from enum import Enum
from types import MappingProxyType
from typing import TypeAlias

from attrs import field, frozen

from devlxd.model.names import InstanceName, ProfileName
from devlxd.model.validation import check_config, check_devices, check_text

Config: TypeAlias = Mapping[str, str]
"""Keys such as ``user.foo`` and their values."""

Device: TypeAlias = Mapping[str, str]
"""The keys of one device, ``type`` among them."""

Devices: TypeAlias = Mapping[str, Device]
"""Devices by name."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""The creation time of an instance about which nobody said one."""

NOWHERE = "none"
"""The location of an instance that is on no named cluster member."""


class InstanceType(Enum):
    """The two kinds of instance, by LXD's words."""

    CONTAINER = "container"
    VIRTUAL_MACHINE = "virtual-machine"


def frozen_config(config: Config) -> Config:
    """A copy that cannot change."""
    return MappingProxyType(dict(config))


def frozen_devices(devices: Devices) -> Devices:
    """A copy that cannot change, device by device."""
    return MappingProxyType(
        {name: MappingProxyType(dict(device)) for name, device in devices.items()}
    )


# mypy cannot infer what a bare ``tuple`` converts.
def _ordered(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(names)


@frozen
class Instance:
    """
    An instance: what was set on itself, before its profiles are added.

    :ivar config: the local config.
    :ivar devices: the local devices.
    :ivar profiles: names within the instance's project; later ones win.
    :ivar location: the cluster member that it is on, or `NOWHERE`.
    :ivar created: in UTC.
    :raises InvalidData: on contents that LXD would refuse.
    """

    name: InstanceName
    type: InstanceType = InstanceType.CONTAINER
    architecture: str = "x86_64"
    description: str = ""
    config: Config = field(factory=dict, converter=frozen_config)
    devices: Devices = field(factory=dict, converter=frozen_devices)
    profiles: tuple[str, ...] = field(default=("default",), converter=_ordered)
    ephemeral: bool = False
    stateful: bool = False
    location: str = NOWHERE
    created: datetime = EPOCH

    def __attrs_post_init__(self) -> None:
        check_config(self.config)
        check_devices(self.devices)
        for text in (self.architecture, self.description, self.location):
            check_text(text)
        # What cannot be a profile's name is refused here and not by whoever looks
        # the profiles up.
        _ = self.profile_names

    @property
    def profile_names(self) -> tuple[ProfileName, ...]:
        """The profiles that it uses, in order."""
        return tuple(ProfileName(self.name.project, name) for name in self.profiles)


@frozen
class Profile:
    """
    Config and devices that many instances share.

    :raises InvalidData: on contents that LXD would refuse.
    """

    name: ProfileName
    description: str = ""
    config: Config = field(factory=dict, converter=frozen_config)
    devices: Devices = field(factory=dict, converter=frozen_devices)

    def __attrs_post_init__(self) -> None:
        check_config(self.config)
        check_devices(self.devices)
        check_text(self.description)
