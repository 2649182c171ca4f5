"""
What a guest reads, prepared once.

A document is worked out when it is first asked for and kept until its instance
changes.
"""

from __future__ import annotations

from functools import cached_property

from attrs import define, field

from devlxd.model.change import Change
from devlxd.model.cloudinit import metadata
from devlxd.model.expansion import Expanded
from devlxd.model.instance import NOWHERE
from devlxd.model.lifecycle import is_ready
from devlxd.model.names import InstanceName
from devlxd.model.visibility import listed_keys, value_of, visible_devices
from devlxd.web.replies import JSON, Raw


@define(eq=False)
class Documents:
    """
    The documents of one state of an instance.

    :ivar state: what they are about.
    :ivar location: the host's name, for instances that are on no cluster member.
    """

    state: Expanded
    _location: str
    _values: dict[str, Raw] = field(factory=dict, init=False)

    @cached_property
    def about(self) -> JSON:
        """``GET /1.0``, with LXD's keys in LXD's order."""
        instance = self.state.instance
        named = instance.location != NOWHERE
        return JSON(
            {
                "state": "Ready" if is_ready(instance) else "Started",
                "api_version": "1.0",
                "instance_type": instance.type.value,
                "location": instance.location if named else self._location,
                "auth": "untrusted",
                "supported_storage_drivers": [],
            }
        )

    @cached_property
    def config(self) -> JSON:
        """``GET /1.0/config``: where each listed key is read."""
        return JSON([f"/1.0/config/{key}" for key in listed_keys(self.state.config)])

    @cached_property
    def devices(self) -> JSON:
        """``GET /1.0/devices``, sorted by name and by key, as Go writes maps."""
        devices = visible_devices(self.state)
        return JSON(
            {name: dict(sorted(devices[name].items())) for name in sorted(devices)}
        )

    @cached_property
    def metadata(self) -> Raw:
        """``GET /1.0/meta-data``."""
        return Raw(metadata(self.state).encode())

    @property
    def kept(self) -> int:
        """How many values have been prepared."""
        return len(self._values)

    def value(self, key: str) -> Raw | None:
        """``GET /1.0/config/KEY`` for a readable key; ``None`` when it has no value."""
        # Only keys with a value are kept: there are as many as the operator set.
        if key not in self._values:
            text = value_of(self.state.config, key)
            if text is None:
                return None
            self._values[key] = Raw(text.encode())
        return self._values[key]


@define(eq=False)
class Library:
    """
    The documents that have been prepared, of the present state of each instance.

    :ivar location: see `Documents`.
    """

    _location: str
    _shelf: dict[InstanceName, Documents] = field(factory=dict, init=False)

    def documents(self, state: Expanded) -> Documents:
        """The documents of this state of an instance."""
        found = self._shelf.get(state.instance.name)
        if found is None or found.state is not state:
            found = Documents(state, self._location)
            self._shelf[state.instance.name] = found
        return found

    def forget(self, change: Change) -> None:
        """Let go of the documents of an instance that has changed."""
        self._shelf.pop(change.name, None)

    def __len__(self) -> int:
        return len(self._shelf)
