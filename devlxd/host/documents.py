"""Instances, profiles and the like in the form of LXD's documents."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from devlxd.host.bookkeeping import lifeless
from devlxd.model.expansion import Expanded
from devlxd.model.instance import Config, Devices, Instance, Profile
from devlxd.model.lifecycle import is_ready
from devlxd.model.names import (
    DEFAULT_PROJECT,
    AliasName,
    ImageName,
    InstanceName,
    ProfileName,
)

NEVER = "1970-01-01T00:00:00Z"

Document = dict[str, Any]

RUNNING = ("Running", 103)
READY = ("Ready", 113)
STOPPED = ("Stopped", 102)


def etag(*parts: object) -> str:
    """What tells one state of a document from another; opaque."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def instance_etag(instance: Instance) -> str:
    """
    The etag of what of an instance can be changed by ``PUT``.

    Its life and its readiness are no part of it: a guest that says again and again
    whether it is ready must not keep operators from changing the instance.
    """
    return etag(
        instance.architecture,
        lifeless(instance.config),
        plain(instance.devices),
        instance.ephemeral,
        list(instance.profiles),
        instance.description,
    )


def profile_etag(profile: Profile) -> str:
    """The etag of what of a profile can be changed by ``PUT``."""
    return etag(dict(profile.config), profile.description, plain(profile.devices))


def plain(devices: Devices) -> dict[str, dict[str, str]]:
    """Devices as JSON carries them, in the order in which Go writes maps."""
    return {name: ordered(device) for name, device in sorted(devices.items())}


def ordered(config: Config) -> dict[str, str]:
    """A config as JSON carries it, in the same order."""
    return dict(sorted(config.items()))


def time_of(moment: datetime) -> str:
    """A time as LXD writes it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def status_of(instance: Instance, runs: bool) -> tuple[str, int]:
    """The status of an instance, by its word and its number."""
    if not runs:
        return STOPPED
    return READY if is_ready(instance) else RUNNING


def instance_document(expanded: Expanded, runs: bool) -> Document:
    """
    An instance.

    :param runs: whether its init process lives.
    """
    instance = expanded.instance
    status, code = status_of(instance, runs)
    return {
        "architecture": instance.architecture,
        "config": ordered(instance.config),
        "devices": plain(instance.devices),
        "ephemeral": instance.ephemeral,
        "profiles": list(instance.profiles),
        "stateful": instance.stateful,
        "description": instance.description,
        "created_at": time_of(instance.created),
        "expanded_config": ordered(expanded.config),
        "expanded_devices": plain(expanded.devices),
        "name": instance.name.name,
        "status": status,
        "status_code": code,
        "last_used_at": NEVER,
        "location": instance.location,
        "type": instance.type.value,
        "project": instance.name.project,
    }


def full_document(expanded: Expanded, runs: bool, pid: int | None) -> Document:
    """
    An instance with all that belongs to it; there are no snapshots and no backups.

    :param runs: as that of `state_document`.
    :param pid: likewise.
    """
    return {
        **instance_document(expanded, runs),
        "backups": [],
        "state": state_document(expanded.instance, runs, pid),
        "snapshots": [],
    }


def state_document(instance: Instance, runs: bool, pid: int | None) -> Document:
    """
    What the runtime says of an instance.

    :param runs: whether its init process lives.
    :param pid: of its init process, if that is known.
    """
    status, code = status_of(instance, runs)
    return {
        "status": status,
        "status_code": code,
        "disk": {},
        "memory": {
            "usage": 0,
            "usage_peak": 0,
            "swap_usage": 0,
            "swap_usage_peak": 0,
        },
        "network": {},
        "pid": pid or 0,
        "processes": 0,
        "cpu": {"usage": 0},
    }


def profile_document(profile: Profile, users: Iterable[InstanceName]) -> Document:
    """
    A profile.

    :param users: the instances that use it.
    """
    return {
        "config": ordered(profile.config),
        "description": profile.description,
        "devices": plain(profile.devices),
        "name": profile.name.name,
        "used_by": [instance_url(name) for name in users],
    }


def project_document(
    name: str, description: str, config: Config, used_by: Iterable[str]
) -> Document:
    """
    A project.

    :param used_by: the URLs of what is in it.
    """
    return {
        "config": ordered(config),
        "description": description,
        "name": name,
        "used_by": list(used_by),
    }


def instance_url(name: InstanceName) -> str:
    """Where an instance is."""
    return f"/1.0/instances/{name.name}{_query(name.project)}"


def profile_url(name: ProfileName) -> str:
    """Where a profile is."""
    return f"/1.0/profiles/{name.name}{_query(name.project)}"


def project_url(name: str) -> str:
    """Where a project is."""
    return f"/1.0/projects/{name}"


def image_url(name: ImageName) -> str:
    """Where an image is."""
    return f"/1.0/images/{name.name}{_query(name.project)}"


def alias_url(name: AliasName) -> str:
    """Where an alias is."""
    quoted = quote(name.name, safe="")
    return f"/1.0/images/aliases/{quoted}{_query(name.project)}"


def _query(project: str) -> str:
    return "" if project == DEFAULT_PROJECT else f"?project={project}"
