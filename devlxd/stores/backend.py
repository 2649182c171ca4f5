"""What makes a store durable."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from typing import Protocol, TypeVar

from attrs import Factory, field, frozen
from twisted.internet.defer import Deferred
from zope.interface import Interface

from devlxd.model.event import Page, Record
from devlxd.model.image import Alias, Image
from devlxd.model.instance import Instance, Profile
from devlxd.model.names import AliasName, ImageName, InstanceName, ProfileName

__all__ = ["KEPT", "Contents", "Edits", "IBackend", "Run", "StoreUnusable"]

KEPT = 1000
"""How many events of each instance are kept, unless another number is asked for."""

T = TypeVar("T")


class Run(Protocol):
    """Does blocking work somewhere, one piece at a time and in order."""

    def __call__(self, work: Callable[[], T], /) -> Deferred[T]:
        """
        :return: fires with what the work returned or raised.
        """


class StoreUnusable(Exception):
    """The data cannot be used; the text is one line that says why."""


@frozen
class Contents:
    """
    All that is kept, but for the events.

    :ivar last: the number of the latest event of each instance.
    """

    instances: tuple[Instance, ...] = ()
    profiles: tuple[Profile, ...] = ()
    images: tuple[Image, ...] = ()
    aliases: tuple[Alias, ...] = ()
    notes: Mapping[str, str] = field(default=Factory(dict))
    last: Mapping[InstanceName, int] = field(default=Factory(dict))


@frozen
class Edits:
    """
    What becomes durable as one: the new values by name, ``None`` for what is gone.

    :ivar records: the new events of instances.
    :ivar last: the number of the latest event of each instance that had some.
    :ivar forgotten: the instances whose earlier events go.
    """

    instances: Mapping[InstanceName, Instance | None]
    profiles: Mapping[ProfileName, Profile | None]
    notes: Mapping[str, str]
    images: Mapping[ImageName, Image | None] = field(default=Factory(dict))
    aliases: Mapping[AliasName, Alias | None] = field(default=Factory(dict))
    records: Mapping[InstanceName, tuple[Record, ...]] = field(default=Factory(dict))
    last: Mapping[InstanceName, int] = field(default=Factory(dict))
    forgotten: AbstractSet[InstanceName] = frozenset()

    def __bool__(self) -> bool:
        return any(
            (
                *(self.instances, self.profiles, self.notes),
                *(self.images, self.aliases, self.last),
            )
        )


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

    def read(name: InstanceName, since: int, limit: int) -> Page:
        """
        As `devlxd.interfaces.IJournal.read`; of large events it may be fewer than
        *limit*, but one if there is one.
        """

    def close() -> None:
        """Let everything go; nothing is written any more."""
