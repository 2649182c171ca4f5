"""
What an instance's data say about its life: whether it runs, whether it is ready.

LXD's rule is that an instance is ready when it said so since its last start, in the
local config key ``volatile.last_state.ready``.  LXD is the one who starts it; we only
hear of it, and hear of it again after each restart of our own.  So the life in which
the key was written is kept beside it.
"""

from __future__ import annotations

from attrs import evolve

from devlxd.model.identity import Boot
from devlxd.model.instance import Instance
from devlxd.model.validation import is_true

BOOT = "volatile.devlxd.boot"
"""The local config key of the token of the present life."""

READY = "volatile.last_state.ready"
"""The local config key of whether the instance said that it is ready."""


def started(instance: Instance, boot: Boot) -> Instance:
    """
    An instance that lives the life *boot*: in a new one it is not ready yet, in the
    one that it had already nothing changes.
    """
    if instance.config.get(BOOT) == boot.token:
        return instance
    return ready(_with(instance, BOOT, boot.token), False)


def stopped(instance: Instance) -> Instance:
    """An instance whose life has ended."""
    config = {key: value for key, value in instance.config.items() if key != BOOT}
    return ready(evolve(instance, config=config), False)


def ready(instance: Instance, is_ready: bool) -> Instance:
    """An instance that says whether it is ready."""
    return _with(instance, READY, "true" if is_ready else "false")


def is_ready(instance: Instance) -> bool:
    """Whether an instance said that it is ready."""
    return is_true(instance.config.get(READY))


def _with(instance: Instance, key: str, value: str) -> Instance:
    return evolve(instance, config={**instance.config, key: value})
