"""Merging SSH keys, and what cloud-init makes of the result."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from devlxd.model.sshkeys import rewritten

USER, VENDOR = "user.user-data", "user.vendor-data"
KEY = "ssh-ed25519 AAAA me@home"
IMPORT = "gh:somebody"

Users = dict[str, dict[str, list[str]]]


def with_keys(text: str, *values: str, key: str = VENDOR, **others: str) -> str:
    """
    What is read under a key.

    :param text: what is stored there.
    :param values: SSH keys with their users.
    :param others: other config keys, ``__`` standing for a dot and ``_`` for a hyphen.
    """
    config = {key: text} if text else {}
    for name, value in others.items():
        config[name.replace("__", ".").replace("_", "-")] = value
    for n, value in enumerate(values):
        config[f"cloud-init.ssh-keys.{n:04}"] = value
    return rewritten(config, key)


def users_of(users: str, *values: str) -> Any:
    """The users of vendor-data, given in YAML, after SSH keys were added."""
    text = with_keys(f"#cloud-config\nusers: {users}\n", *values)
    return yaml.safe_load(text)["users"]


def found_by_cloud_init(text: str) -> Users:
    """
    The keys of each user that cloud-init finds in a cloud-config whose users are a
    list: of several entries of one user the first one's field counts, of several
    spellings in one user the last; a string of import ids is split at commas.
    """
    users: dict[str, dict[str, Any]] = {}
    listed = (yaml.safe_load(text) or {}).get("users") or []
    for user in [listed] if isinstance(listed, str) else listed:
        entry = {"name": user} if isinstance(user, str) else user
        merged = users.setdefault(entry.get("name", "default"), {})
        for field, value in entry.items():
            merged.setdefault(field, value)
    return {name: dict(_lists(merged)) for name, merged in users.items()}


def _lists(user: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    for field, value in user.items():
        name = field.replace("-", "_")
        if isinstance(value, str):
            value = value.split(",") if name == "ssh_import_id" else [value]
        if name in ("ssh_authorized_keys", "ssh_import_id"):
            yield name, value or []
