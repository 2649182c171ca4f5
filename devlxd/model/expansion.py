"""An instance together with its profiles: LXD's expanded config and devices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TypeVar

from attrs import field, frozen

from devlxd.model.instance import (
    Config,
    Devices,
    Instance,
    Profile,
    frozen_config,
    frozen_devices,
)

V = TypeVar("V")


def layered(layers: Iterable[Mapping[str, V]]) -> dict[str, V]:
    """
    One map out of many, later ones over earlier ones, key by key.

    A device is one value: it is replaced as a whole, never merged.
    """
    result: dict[str, V] = {}
    for layer in layers:
        result.update(layer)
    return result


# mypy cannot infer what a bare ``tuple`` converts.
def _ordered(profiles: Iterable[Profile]) -> tuple[Profile, ...]:
    return tuple(profiles)


@frozen(eq=False)
class Expanded:
    """
    One state of an instance, as its guest sees it.

    It is compared and hashed by identity, so that whatever is worked out of it can be
    kept beside it and goes when it goes.

    :ivar instance: the instance with its local config and devices.
    :ivar profiles: its profiles, in its order.
    """

    instance: Instance
    profiles: tuple[Profile, ...] = field(default=(), converter=_ordered)

    @cached_property
    def config(self) -> Config:
        """The profiles' config in order, and the local config over it."""
        return frozen_config(
            layered([*(p.config for p in self.profiles), self.instance.config])
        )

    @cached_property
    def devices(self) -> Devices:
        """The profiles' devices in order, and the local devices over them."""
        return frozen_devices(
            layered([*(p.devices for p in self.profiles), self.instance.devices])
        )
