"""
SSH keys out of ``cloud-init.ssh-keys.*``, merged into user-data and vendor-data.

LXD's rule (since 6.3): each such key is ``USER:KEY``; a KEY with a space in it is a
public key, one without is an import id such as ``gh:somebody``.  They are added to the
``users`` of the cloud-config that the guest reads.  cloud-init lets the ``users`` of
user-data replace those of vendor-data, so user-data must not gain ``users`` while only
vendor-data has some.

Where LXD rewrites every cloud-config that it can parse, we hand out what was stored,
byte for byte, unless a key has to be added to it.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import yaml
from attrs import frozen

from devlxd.model.instance import Config

KEY_PREFIX = "cloud-init.ssh-keys."
"""What the config keys of SSH keys start with."""

USER_DATA = ("cloud-init.user-data", "user.user-data")
VENDOR_DATA = ("cloud-init.vendor-data", "user.vendor-data")
DATA_KEYS = (USER_DATA, VENDOR_DATA)
"""The two names of user-data and of vendor-data; the first goes before the second."""

TAG = " #lxd:cloud-init.ssh-keys"
"""The comment behind every value that was added."""

_HEADER = "#cloud-config"
_AUTHORIZED = ("ssh_authorized_keys", "ssh-authorized-keys")
_IMPORTED = ("ssh_import_id", "ssh-import-id")

CloudConfig: TypeAlias = dict[Any, Any]


class Unsupported(Exception):
    """A text that is no cloud-config, or has ``users`` that cannot be added to."""


@frozen
class SSHKey:
    """One key of one user."""

    user: str
    key: str

    @property
    def fields(self) -> tuple[str, str]:
        """The two spellings of the list that it belongs in; cloud-init had both."""
        return _AUTHORIZED if " " in self.key else _IMPORTED


def ssh_keys(config: Config) -> list[SSHKey]:
    """
    The SSH keys of an expanded config, in the order of their names.

    A value without a colon, such as ``none`` to hide a profile's key, is no key.
    """
    pairs = (
        config[k].partition(":") for k in sorted(config) if k.startswith(KEY_PREFIX)
    )
    return [SSHKey(user, key) for user, colon, key in pairs if colon and user and key]


def rewritten(config: Config, key: str) -> str:
    """
    The value of a key with the SSH keys merged in, where they belong in it.

    :param config: the expanded config.
    :return: the stored value when nothing is to be added; empty when there is none.
    """
    stored = config.get(key, "")
    keys = ssh_keys(config)
    if not keys or not _takes_keys(config, key):
        return stored
    try:
        return _merged(stored, keys)
    except Unsupported:
        return stored


def _takes_keys(config: Config, key: str) -> bool:
    """Whether the keys belong in the value of this config key."""
    if key in VENDOR_DATA:
        return True
    vendor_data = config.get(VENDOR_DATA[0]) or config.get(VENDOR_DATA[1]) or ""
    return key in USER_DATA and (
        _has_users(config.get(key, "")) or not _has_users(vendor_data)
    )


def _has_users(text: str) -> bool:
    try:
        return "users" in parse(text)[1]
    except Unsupported:
        return False


def parse(text: str) -> tuple[str, CloudConfig]:
    """
    Split a cloud-config in its header, comment lines kept as they are, and its map.

    :raises Unsupported: when none of the first two lines is ``#cloud-config``, or the
        rest is no YAML map.
    """
    if not text:
        return f"{_HEADER}\n", {}
    lines = text.split("\n")
    if _HEADER not in (line.strip() for line in lines[:2]):
        raise Unsupported
    size = next((n for n, x in enumerate(lines) if not x.startswith("#")), len(lines))
    return "".join(f"{line}\n" for line in lines[:size]), _map("\n".join(lines[size:]))


def _map(text: str) -> CloudConfig:
    try:
        content = yaml.safe_load(text)
    # Beside YAMLError: a date such as 2024-13-99 is a ValueError of datetime's, an
    # unhashable key a TypeError, and deep nesting ends in RecursionError.
    except (yaml.YAMLError, ValueError, TypeError, RecursionError):
        raise Unsupported from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise Unsupported
    return content


def _merged(text: str, keys: list[SSHKey]) -> str:
    header, content = parse(text)
    marks = _Marks(text)
    users = _list_of(content.get("users"))
    added = [_add(_entry(users, key.user), key, marks) for key in keys]
    if not any(added):
        return text
    return header + marks.reveal(_dumped({**content, "users": users}))


def _entry(users: list[CloudConfig | str], name: str) -> CloudConfig:
    """The map of a user within ``users``, made if there is none."""
    for place, user in enumerate(users):
        if isinstance(user, str):
            user = {"name": user}
        if not isinstance(user, dict):
            raise Unsupported
        if user.get("name") == name:
            users[place] = user
            return user
    entry = {"name": name}
    users.append(entry)
    return entry


def _add(user: CloudConfig, key: SSHKey, marks: _Marks) -> bool:
    """Add a key to a user's lists; whether there was something to add."""
    added = False
    for field in key.fields:
        present = _list_of(user.get(field))
        if key.key not in present and marks.mark(key.key) not in present:
            user[field] = [*present, marks.mark(key.key)]
            added = True
    return added


def _list_of(value: Any) -> list[Any]:
    """What may be a list or a single string, as a list of its own."""
    if value is None:
        return []
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list):
        raise Unsupported
    return list(value)


def _dumped(value: object, style: str | None = None) -> str:
    return yaml.safe_dump(
        value,
        allow_unicode=True,
        default_flow_style=False,
        default_style=style,
        width=float("inf"),
    )


class _Marks:
    """
    Stand-ins for the added values while YAML is written: a YAML writer cannot put a
    comment behind a value, and would quote a value that contains one.

    :param text: what the stand-ins must differ from.
    """

    def __init__(self, text: str) -> None:
        self._stem = "ssh-key-"
        while self._stem in text:
            self._stem += "0-"
        self._keys: list[str] = []

    def mark(self, key: str) -> str:
        """The stand-in of a key: a plain word."""
        if key not in self._keys:
            self._keys.append(key)
        return f"{self._stem}{self._keys.index(key)}-end"

    def reveal(self, text: str) -> str:
        """The text with every stand-in replaced by its key and the comment."""
        for key in self._keys:
            # Quoted where a line break would end the value, plain where YAML may.
            quoted = _dumped(key, '"' if not key.isprintable() else None)
            scalar = quoted.removesuffix("\n").removesuffix("\n...")
            text = text.replace(self.mark(key), scalar + TAG)
        return text
