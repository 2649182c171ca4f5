"""What makes a store durable."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import Factory, field, frozen
from zope.interface import Interface

from devlxd.model.instance import Instance, Profile
from devlxd.model.names import InstanceName, ProfileName

__all__ = ["Contents", "Edits", "IBackend", "StoreUnusable"]


class StoreUnusable(Exception):
    """The data cannot be used; the text is one line that says why."""


@frozen
class Contents:
    """All that is kept."""

    instances: tuple[Instance, ...] = ()
    profiles: tuple[Profile, ...] = ()
    notes: Mapping[str, str] = field(default=Factory(dict))


@frozen
class Edits:
    """
    What becomes durable as one: the new values by name, ``None`` for what is gone.
    """

    instances: Mapping[InstanceName, Instance | None]
    profiles: Mapping[ProfileName, Profile | None]
    notes: Mapping[str, str]

    def __bool__(self) -> bool:
        return bool(self.instances or self.profiles or self.notes)


class IBackend(Interface):
    """
    The durable side of a `devlxd.stores.store.Store`.

    Its methods block.  They are never called two at a time, but perhaps in different
    threads.
    """

    def load() -> Contents:
        """
        All that was written; called once, before anything is written.

        :raises StoreUnusable: when that cannot be told.
        """

    def write(edits: Edits) -> None:
        """
        Make edits durable, all of them or, when it raises anything, none.
        """

    def close() -> None:
        """Let everything go; nothing is written any more."""
