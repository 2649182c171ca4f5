"""
What a guest reads, prepared once.

A document is worked out when it is first asked for and kept until its instance
changes; a value, until something changes that the instance may read.
"""

from __future__ import annotations

from functools import cached_property

from attrs import define, field

from devlxd.guest.compat import Compat
from devlxd.model.change import Change
from devlxd.model.cloudinit import metadata
from devlxd.model.expansion import Expanded
from devlxd.model.names import InstanceName
from devlxd.model.sshkeys import DATA_KEYS
from devlxd.model.visibility import readable, visible_devices
from devlxd.web.replies import JSON, Raw

_WORKED_OUT = frozenset(key for pair in DATA_KEYS for key in pair)
"""Keys that may be without a value only after some work."""


@define(eq=False)
class Documents:
    """
    The documents of one state of an instance.

    :ivar state: what they are about.
    :ivar compat: whom they are to be like.
    :ivar location: the host's name, for instances that are on no cluster member.
    """

    state: Expanded
    _compat: Compat
    _location: str
    _values: dict[str, Raw | None] = field(factory=dict, init=False)

    @cached_property
    def about(self) -> JSON:
        """``GET /1.0``, with LXD's keys in LXD's order."""
        return JSON(self._compat.about.document(self.state, self._location))

    @cached_property
    def config(self) -> JSON:
        """``GET /1.0/config``: where each listed key is read."""
        keys = self._compat.reading.listed_keys(self.state.config)
        return JSON([f"/1.0/config/{key}" for key in keys])

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
        text = self._compat.reading.header + metadata(self.state)
        return Raw(text.encode())

    @property
    def kept(self) -> int:
        """How many values have been prepared."""
        return len(self._values)

    def value(self, key: str) -> Raw | None:
        """``GET /1.0/config/KEY`` for a readable key; ``None`` when it has no value."""
        # Other keys without a value are not kept: a guest could ask for any number.
        if key not in self._values:
            text = self._compat.reading.value_of(self.state.config, key)
            if text is None and key not in _WORKED_OUT:
                return None
            self._values[key] = None if text is None else Raw(text.encode())
        return self._values[key]

    def after(self, state: Expanded) -> Documents | None:
        """
        The documents of the state that came after, with the values of this one;
        ``None`` when those may be others.
        """
        if not self._values or readable(self.state.config) != readable(state.config):
            return None
        documents = Documents(state, self._compat, self._location)
        documents._values.update(self._values)
        return documents


@define(eq=False)
class Library:
    """
    The documents that have been prepared, of the present state of each instance.

    :ivar compat: see `Documents`.
    :ivar location: see `Documents`.
    """

    _compat: Compat
    _location: str
    _shelf: dict[InstanceName, Documents] = field(factory=dict, init=False)

    def documents(self, state: Expanded) -> Documents:
        """The documents of this state of an instance."""
        found = self._shelf.get(state.instance.name)
        if found is None or found.state is not state:
            found = Documents(state, self._compat, self._location)
            self._shelf[state.instance.name] = found
        return found

    def forget(self, change: Change) -> None:
        """
        Let go of the documents of an instance that has changed.

        Its values stay if they are what they were.  Else a guest that says by turns
        that it is ready and is not would have its SSH keys merged each time.
        """
        found = self._shelf.pop(change.name, None)
        if found is not None and change.after is not None:
            documents = found.after(change.after)
            if documents is not None:
                self._shelf[change.name] = documents

    def __len__(self) -> int:
        return len(self._shelf)
