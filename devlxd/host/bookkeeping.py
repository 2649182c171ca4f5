"""
What ``PUT`` and ``PATCH`` make of an instance, and what of it they leave alone.

Some keys are the service's own.  Clients send them back with all that they were given,
perhaps after the service has changed them, so that it is no request to change them:

* whether the instance is ready, and the life that it leads: nobody else sets these;
* ``volatile.uuid``: it never changes;
* the instance-id: it is set by who has seen the present one, which ``If-Match`` says.

Nobody loses these by not naming them, and who does not say what it has seen does not
lose any other ``volatile.`` key so, either.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve

from devlxd.errors import InvalidData
from devlxd.host.bodies import Body
from devlxd.host.patches import (
    patched_config,
    patched_devices,
    with_values,
    without_empty,
)
from devlxd.model.instance import Config, Instance
from devlxd.model.lifecycle import BOOT, READY
from devlxd.model.renewal import INSTANCE_ID, UUID

VOLATILE = "volatile."
"""What the keys start with that runtimes and the service keep."""

_LIFE = (BOOT, READY)
_IDS = (UUID, INSTANCE_ID)


def lifeless(config: Mapping[str, str]) -> dict[str, str]:
    """A config that says nothing of a life."""
    return {key: value for key, value in config.items() if key not in _LIFE}


def nameless(config: Mapping[str, str]) -> dict[str, str]:
    """A config that says nothing of a life, nor whose it is."""
    return {k: value for k, value in lifeless(config).items() if k not in _IDS}


def replaced(old: Instance, body: Body, seen: bool) -> Instance:
    """
    What ``PUT`` makes of an instance.

    :param seen: whether who asks has seen the present state of it.
    :raises InvalidData: when that may not be.
    """
    config = _replaced_config(old.config, body.config(), seen)
    _check(old.config, config)
    return evolve(
        old,
        architecture=body.text("architecture") or old.architecture,
        description=body.text("description"),
        config=config,
        devices=with_values(body.devices()),
        profiles=body.texts("profiles"),
        ephemeral=body.flag("ephemeral"),
    )


def patched(old: Instance, body: Body) -> Instance:
    """
    What ``PATCH`` makes of an instance.

    :raises InvalidData: when that may not be.
    """
    config = patched_config(old.config, body.maps("config"))
    _check(old.config, config)
    profiles = body.texts("profiles") if body.has("profiles") else old.profiles
    return evolve(
        old,
        architecture=body.text("architecture") or old.architecture,
        description=body.text("description", old.description),
        config=config,
        devices=patched_devices(old.devices, body.maps("devices")),
        profiles=profiles,
        ephemeral=body.flag("ephemeral", old.ephemeral),
    )


def _replaced_config(old: Config, sent: Config, seen: bool) -> dict[str, str]:
    ids = _of(old, _IDS)
    if seen:
        config = {**ids, **sent}
    else:
        kept = {key: old[key] for key in old if key.startswith(VOLATILE)}
        config = {**kept, **sent, **ids}
    return without_empty({**lifeless(config), **_of(old, _LIFE)})


def _of(config: Config, keys: tuple[str, ...]) -> dict[str, str]:
    return {key: config[key] for key in keys if key in config}


def _check(old: Config, new: Config) -> None:
    for key in (UUID, *_LIFE):
        if old.get(key) != new.get(key):
            raise InvalidData(f"Invalid config: {key} cannot be changed")
