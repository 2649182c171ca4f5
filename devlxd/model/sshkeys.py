"""
SSH keys out of ``cloud-init.ssh-keys.*``, merged into user-data and vendor-data.

LXD's rule (since 6.3): each such key is ``USER:KEY``; a KEY with a space in it is a
public key, one without is an import id such as ``gh:somebody``.  They are added to the
``users`` of the cloud-config that the guest reads.  cloud-init lets the ``users`` of
user-data replace those of vendor-data, so user-data must not gain ``users`` while only
vendor-data has some.

We differ from LXD in this, on purpose:

* What was stored is handed out byte for byte, unless a key has to be added to it.  LXD
  rewrites every cloud-config that it can parse, and makes one up where there is none.
* No key that cloud-init would have found before is lost.  So a user with
  ``ssh-authorized-keys`` alone, the older spelling, which yields to the newer one,
  gets the older one's keys in both; a string of import ids is split at its commas, as
  cloud-init does; of several entries of one user the one whose keys cloud-init takes
  is added to; and an entry without a name is that of the user ``default``.  (Where a
  user has both spellings, the older one last, they change places, as in LXD.)
* The comment behind a key is never inside the quotes of a key that is quoted.
"""

from __future__ import annotations

from typing import Any

from attrs import evolve, frozen

from devlxd.model.cloudconfig import CloudConfig, Commented, Content, Unsupported
from devlxd.model.instance import Config

KEY_PREFIX = "cloud-init.ssh-keys."
"""What the config keys of SSH keys start with."""

USER_DATA = ("cloud-init.user-data", "user.user-data")
VENDOR_DATA = ("cloud-init.vendor-data", "user.vendor-data")
DATA_KEYS = (USER_DATA, VENDOR_DATA)
"""The two names of user-data and of vendor-data; the first goes before the second."""

# Both spellings of a list.  cloud-init makes the second out of the first, so that the
# last one that it comes upon counts; that is the second, since maps are sorted.
_AUTHORIZED = ("ssh-authorized-keys", "ssh_authorized_keys")
_IMPORTED = ("ssh-import-id", "ssh_import_id")


@frozen
class SSHKey:
    """One key of one user."""

    user: str
    key: str

    @property
    def fields(self) -> tuple[str, str]:
        """The list of a user that it belongs in, in both spellings."""
        return _AUTHORIZED if " " in self.key else _IMPORTED


def ssh_keys(config: Config) -> list[SSHKey]:
    """
    The SSH keys of an expanded config, in the order of their names.

    A value without a colon, such as ``none`` to hide a profile's key, is no key.
    """
    pairs = (
        config[k].partition(":") for k in sorted(config) if k.startswith(KEY_PREFIX)
    )
    return [SSHKey(user, key) for user, _, key in pairs if user and key]


def rewritten(config: Config, key: str) -> str:
    """
    The value of a key with the SSH keys merged in, where they belong in it.

    :param config: the expanded config.
    :return: the stored value when nothing is to be added; empty when there is none.
    """
    stored = config.get(key, "")
    keys = ssh_keys(config)
    if not keys or key not in (*USER_DATA, *VENDOR_DATA):
        return stored
    try:
        found = CloudConfig.parse(stored)
        if key in USER_DATA and _leaves_users_to_vendor_data(found, config):
            return stored
        merged = _merged(found, keys)
        return stored if merged is found else merged.text()
    except Unsupported:
        return stored


def _leaves_users_to_vendor_data(user_data: CloudConfig, config: Config) -> bool:
    vendor_data = config.get(VENDOR_DATA[0]) or config.get(VENDOR_DATA[1]) or ""
    try:
        vendor_users = "users" in CloudConfig.parse(vendor_data).content
    except Unsupported:
        return False
    return vendor_users and "users" not in user_data.content


def _merged(found: CloudConfig, keys: list[SSHKey]) -> CloudConfig:
    """The cloud-config with the keys, or the very same when it has them all."""
    before = after = _list_of(found.content.get("users"))
    for key in keys:
        after = _with_key(after, key)
    if after is before:
        return found
    return evolve(found, content={**found.content, "users": after})


def _with_key(users: list[Any], key: SSHKey) -> list[Any]:
    """The list of users with a key, or the very same when it has it."""
    entries = [_entry_of(user) for user in users]
    place = _place(entries, key)
    entry = entries[place] if place < len(entries) else {"name": key.user}
    added = _additions(entry, key)
    if not added:
        return users
    return [*users[:place], {**entry, **added}, *users[place + 1 :]]


def _entry_of(user: object) -> Content:
    """A user as a map; a user may be given by the name alone."""
    if isinstance(user, str):
        return {"name": user}
    if not isinstance(user, dict):
        raise Unsupported
    return user


def _place(entries: list[Content], key: SSHKey) -> int:
    """
    Where the user's entry is, or is to be.  cloud-init merges several of one user, and
    takes each field from the first that has it.
    """
    named = [n for n, x in enumerate(entries) if x.get("name", "default") == key.user]
    holding = [n for n in named if any(field in entries[n] for field in key.fields)]
    return (holding or named or [len(entries)])[0]


def _additions(entry: Content, key: SSHKey) -> Content:
    """The fields of an entry that change by a key."""
    old, new = key.fields
    present = {
        old: _keys_of(entry, old),
        new: _keys_of(entry, new if new in entry else old),
    }
    return {
        field: [*keys, Commented(key.key)]
        for field, keys in present.items()
        if key.key not in keys
    }


def _keys_of(entry: Content, field: str) -> list[Any]:
    value = entry.get(field)
    if isinstance(value, str) and field in _IMPORTED:
        return [part for part in value.strip().split(",") if part]
    return _list_of(value)


def _list_of(value: object) -> list[Any]:
    """What may be nothing, a single string or a list, as a list."""
    if value is None:
        return []
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list):
        raise Unsupported
    return value
