"""
What became of an instance, and what its guest is told of that.

The rules are LXD's, with its two loose ends tied: events are in a fixed order, config
first, and a device of which only live-updatable keys changed is ``updated`` (LXD 5.0
and Incus say so, too).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from attrs import frozen

from devlxd.model.event import Event, EventType, Record
from devlxd.model.expansion import Expanded
from devlxd.model.image import Alias, Image
from devlxd.model.instance import Config, Device, Devices, Profile
from devlxd.model.liveupdate import is_live_update
from devlxd.model.names import AliasName, ImageName, InstanceName, ProfileName

PREFIX = "user."
"""What the config keys start with whose changes are told; a device of such a name is
not told of."""


@frozen
class Change:
    """
    A durable change of one instance, be it by its own data or by a profile's.

    Another name is two changes: one instance is gone, and one is new.

    :ivar before: its state before; ``None`` when the instance is new.
    :ivar after: its state now; ``None`` when it is gone.
    :ivar records: what its guest is told, in order.
    :ivar renamed_from: the name that it had before, when it was given another.
    :ivar renamed_to: the name that it has now, when it is gone for having another.
    """

    name: InstanceName
    before: Expanded | None
    after: Expanded | None
    records: tuple[Record, ...] = ()
    renamed_from: InstanceName | None = None
    renamed_to: InstanceName | None = None


@frozen
class ProfileChange:
    """
    A durable change of one profile.  What its users make of it is told by the `Change`
    of each, afterwards.

    :ivar before: what it was; ``None`` when it is new.
    :ivar after: what it is now; ``None`` when it is gone.
    :ivar renamed_from: as that of `Change`.
    :ivar renamed_to: as that of `Change`.
    """

    name: ProfileName
    before: Profile | None
    after: Profile | None
    renamed_from: ProfileName | None = None
    renamed_to: ProfileName | None = None


@frozen
class ImageChange:
    """
    A durable change of what is known of one image.

    :ivar before: what it was; ``None`` when it is new.
    :ivar after: what it is now; ``None`` when it is gone.
    """

    name: ImageName
    before: Image | None
    after: Image | None


@frozen
class AliasChange:
    """
    A durable change of one alias.

    :ivar before: what it was; ``None`` when it is new.
    :ivar after: what it is now; ``None`` when it is gone, perhaps with its image.
    :ivar renamed_from: as that of `Change`.
    :ivar renamed_to: as that of `Change`.
    """

    name: AliasName
    before: Alias | None
    after: Alias | None
    renamed_from: AliasName | None = None
    renamed_to: AliasName | None = None


AnyChange: TypeAlias = Change | ProfileChange | ImageChange | AliasChange
"""What a transaction can bring about."""


def events(change: Change) -> list[Event]:
    """
    The events of a change, worked out from the expanded config and devices before and
    after it: what a local value hides gives none.  An instance that is new or gone
    has none, either.
    """
    if change.before is None or change.after is None:
        return []
    return [
        *_config_events(change.before.config, change.after.config),
        *_device_events(change.before.devices, change.after.devices),
    ]


def _config_events(before: Config, after: Config) -> Iterator[Event]:
    # A profile's edit asks this of thousands of instances with scores of keys each.
    differing = {key for key, _ in before.items() ^ after.items()}
    for key in sorted(key for key in differing if key.startswith(PREFIX)):
        old, new = before.get(key, ""), after.get(key, "")
        if old != new:
            metadata = {"key": key, "old_value": old, "value": new}
            yield Event(EventType.CONFIG, metadata)


def _device_events(before: Devices, after: Devices) -> Iterator[Event]:
    names = [
        name
        for name in sorted(before.keys() | after.keys())
        if not name.startswith(PREFIX) and before.get(name) != after.get(name)
    ]
    updated = {
        name
        for name in names
        if name in before
        and name in after
        and is_live_update(before[name], after[name])
    }
    replaced = [name for name in names if name not in updated]
    yield from (_device("removed", n, before[n]) for n in replaced if n in before)
    yield from (_device("updated", n, after[n]) for n in names if n in updated)
    yield from (_device("added", n, after[n]) for n in replaced if n in after)


def _device(action: str, name: str, device: Device) -> Event:
    config = dict(sorted(device.items()))
    metadata = {"action": action, "config": config, "name": name}
    return Event(EventType.DEVICE, metadata)
