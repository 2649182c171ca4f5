"""
What guests read of their config: the rules in which LXD's releases, and Incus, differ.
"""

from __future__ import annotations

from attrs import frozen

from devlxd.model.instance import Config
from devlxd.model.visibility import SWITCH, is_readable, is_served, listed_keys
from devlxd.model.visibility import value_of as merged_value_of

__all__ = ["Reading"]


@frozen
class Reading:
    """
    The rules of one server.

    :ivar switch: the key by which an instance is forbidden to use the guest API.
    :ivar merges_ssh_keys: whether SSH keys are merged into user-data and vendor-data
        instead of being listed.
    :ivar has_empty: whether there is a value where it is empty.
    :ivar header: the first lines of meta-data, each with its line's end.
    """

    switch: str = SWITCH
    merges_ssh_keys: bool = True
    has_empty: bool = False
    header: str = ""

    def is_served(self, config: Config) -> bool:
        """
        Whether an instance may use the guest API at all.

        :param config: the expanded config, here and below.
        """
        return is_served(config, self.switch)

    def listed_keys(self, config: Config) -> list[str]:
        """The keys that ``GET /1.0/config`` lists, sorted."""
        if self.merges_ssh_keys:
            return listed_keys(config)
        return sorted(filter(is_readable, config))

    def value_of(self, config: Config, key: str) -> str | None:
        """What an instance reads under a key; ``None`` if there is nothing to read."""
        if self.merges_ssh_keys:
            return merged_value_of(config, key)
        value = config.get(key) if is_readable(key) else None
        return value if value or self.has_empty else None
