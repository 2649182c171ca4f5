"""
What a file states of all profiles and instances, and what a newer version of it asks
to be done.

The rule is a merge of three: what the file stated when it was last applied, what it
states now, and what there is.  Where the file says what it said before, it asks for
nothing, so that what other hands have done since then stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from attrs import evolve, field, frozen

from devlxd.model.instance import Device, Devices, Instance, Profile
from devlxd.model.names import InstanceName, ProfileName, QualifiedName
from devlxd.model.stated import StatedInstance, StatedProfile

ALWAYS_THERE = "default"
"""The profile that every project has; it is emptied where another is deleted."""

V = TypeVar("V")
N = TypeVar("N", bound=QualifiedName)
S = TypeVar("S", bound=StatedProfile)
Live = TypeVar("Live", Instance, Profile)


def _frozen_profiles(
    profiles: Mapping[ProfileName, StatedProfile],
) -> Mapping[ProfileName, StatedProfile]:
    return MappingProxyType(dict(profiles))


def _frozen_instances(
    instances: Mapping[InstanceName, StatedInstance],
) -> Mapping[InstanceName, StatedInstance]:
    return MappingProxyType(dict(instances))


@frozen
class Manifest:
    """All that one version of a file states."""

    profiles: Mapping[ProfileName, StatedProfile] = field(
        factory=dict, converter=_frozen_profiles
    )
    instances: Mapping[InstanceName, StatedInstance] = field(
        factory=dict, converter=_frozen_instances
    )


@frozen
class Edit(Generic[N, S]):
    """
    A profile or instance of which the file no longer says what it said.

    :ivar said: what was stated of it when the file was last applied, if anything.
    :ivar says: what is stated now; ``None`` when it shall be there no more.
    """

    name: N
    said: S | None
    says: S | None


@frozen
class Edits:
    """What has to be looked at, each part ordered by name."""

    profiles: tuple[Edit[ProfileName, StatedProfile], ...]
    instances: tuple[Edit[InstanceName, StatedInstance], ...]

    def __bool__(self) -> bool:
        return bool(self.profiles or self.instances)


def difference(last: Manifest, now: Manifest) -> Edits:
    """
    The edits that lead from one version of a file to another: none for whatever is
    stated as it was.
    """
    return Edits(
        profiles=tuple(map(_kept, _edits(last.profiles, now.profiles))),
        instances=tuple(_edits(last.instances, now.instances)),
    )


def _edits(last: Mapping[N, S], now: Mapping[N, S]) -> Iterator[Edit[N, S]]:
    for name in sorted({*last, *now}, key=str):
        said, says = last.get(name), now.get(name)
        if said != says:
            yield Edit(name, said, says)


def _kept(
    edit: Edit[ProfileName, StatedProfile],
) -> Edit[ProfileName, StatedProfile]:
    """The same edit, but to state nothing of ``default`` is not to delete it."""
    if edit.says is None and edit.name.name == ALWAYS_THERE:
        return evolve(edit, says=StatedProfile())
    return edit


def applied(edit: Edit[Any, Any], live: Live | None, blank: Live) -> Live | None:
    """
    What there will be after an edit.

    :param live: what there is now; ``None`` when there is no such thing.
    :param blank: the same thing with all fields as they are when nobody states them.
    :return: ``None`` when it is to be deleted.  What was changed in the file, but
        deleted by other hands, comes back with all that the file states of it.
    """
    if edit.says is None:
        return None
    nothing = type(edit.says)()
    if live is None:
        return patched(blank, nothing, edit.says, blank)
    # The creation time is a fact: it does not change when the file stops stating it.
    if isinstance(live, Instance):
        blank = evolve(blank, created=live.created)
    return patched(live, edit.said or nothing, edit.says, blank)


def patched(live: Live, said: StatedProfile, says: StatedProfile, blank: Live) -> Live:
    """
    A profile or instance with only those fields set that are stated otherwise than
    before, and those unset, as they are in *blank*, that are stated no longer.
    """
    before, after = said.scalars(), says.scalars()
    unset = {name: getattr(blank, name) for name in before.keys() - after.keys()}
    return evolve(
        live,
        config=merged(live.config, said.config, says.config),
        devices=_merged_devices(live.devices, said.devices, says.devices),
        **unset,
        **_changed(before, after),
    )


def merged(
    live: Mapping[str, V], said: Mapping[str, V], says: Mapping[str, V]
) -> dict[str, V]:
    """A live map after what was stated of it is stated otherwise, key by key."""
    kept = {key: live[key] for key in _without(live, said.keys() - says.keys())}
    return {**kept, **_changed(said, says)}


def _without(keys: Iterable[str], dropped: Iterable[str]) -> Iterator[str]:
    gone = set(dropped)
    return (key for key in keys if key not in gone)


def _changed(said: Mapping[str, V], says: Mapping[str, V]) -> dict[str, V]:
    return {
        key: value
        for key, value in says.items()
        if key not in said or said[key] != value
    }


def _merged_devices(live: Devices, said: Devices, says: Devices) -> dict[str, Device]:
    """
    As `merged`, and key by key within a device that was stated before and is there
    still.  A device of another type is another device, and replaces all of it.
    """
    result: dict[str, Device] = merged(live, said, says)
    for name in _changed(said, says):
        before = [devices.get(name, {}) for devices in (live, said)]
        if all(device.get("type") == says[name]["type"] for device in before):
            result[name] = merged(live[name], said[name], says[name])
    return result
