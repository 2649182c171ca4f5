"""What is durable, in memory, for reading."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import TypeVar

from attrs import Factory, define, field

from devlxd.errors import NoSuchProfile
from devlxd.model.expansion import Expanded
from devlxd.model.image import Alias, Image
from devlxd.model.instance import Profile
from devlxd.model.names import AliasName, ImageName, InstanceName, ProfileName
from devlxd.stores.backend import Contents, StoreUnusable
from devlxd.stores.overlay import Overlay
from devlxd.stores.tables import by_name, expand

N = TypeVar("N")
V = TypeVar("V")

_NOBODY: AbstractSet[InstanceName] = frozenset()


def _apply(table: dict[N, V], edits: Mapping[N, V | None]) -> None:
    for name, value in edits.items():
        if value is None:
            table.pop(name, None)
        else:
            table[name] = value


@define(eq=False)
class View:
    """The durable tables, and which instances use which profile."""

    _instances: dict[InstanceName, Expanded] = field(init=False, default=Factory(dict))
    _profiles: dict[ProfileName, Profile] = field(init=False, default=Factory(dict))
    _notes: dict[str, str] = field(init=False, default=Factory(dict))
    _users: dict[ProfileName, set[InstanceName]] = field(
        init=False, default=Factory(dict)
    )
    _images: dict[ImageName, Image] = field(init=False, default=Factory(dict))
    _aliases: dict[AliasName, Alias] = field(init=False, default=Factory(dict))

    def instance(self, name: InstanceName) -> Expanded | None:
        return self._instances.get(name)

    def profile(self, name: ProfileName) -> Profile | None:
        return self._profiles.get(name)

    def note(self, key: str) -> str | None:
        return self._notes.get(key)

    def users(self, profile: ProfileName) -> AbstractSet[InstanceName]:
        return self._users.get(profile, _NOBODY)

    def image(self, name: ImageName) -> Image | None:
        return self._images.get(name)

    def alias(self, name: AliasName) -> Alias | None:
        return self._aliases.get(name)

    def aliases_of(self, image: ImageName) -> AbstractSet[AliasName]:
        # Asked for deletions alone.
        return {name for name, alias in self._aliases.items() if alias.image == image}

    def instances(self) -> list[Expanded]:
        """All, ordered by name."""
        return [self._instances[name] for name in sorted(self._instances, key=by_name)]

    def profiles(self) -> list[Profile]:
        """All that were ever written, ordered by name."""
        return [self._profiles[name] for name in sorted(self._profiles, key=by_name)]

    def images(self) -> list[Image]:
        """All, ordered by project and fingerprint."""
        return [self._images[name] for name in sorted(self._images, key=by_name)]

    def aliases(self) -> list[Alias]:
        """All, ordered by name."""
        return [self._aliases[name] for name in sorted(self._aliases, key=by_name)]

    def fill(self, contents: Contents) -> None:
        """
        Take in what a backend has kept.

        :raises StoreUnusable: when an instance lacks a profile, or an alias an image.
        """
        loaded = Overlay(self, notes=dict(contents.notes))
        loaded.images.update((image.name, image) for image in contents.images)
        for alias in contents.aliases:
            if loaded.image(alias.image) is None:
                raise StoreUnusable(f"alias {alias.name}: there is no such image")
            loaded.aliases[alias.name] = alias
        loaded.profiles.update((profile.name, profile) for profile in contents.profiles)
        for instance in contents.instances:
            try:
                loaded.instances[instance.name] = expand(loaded, instance)
            except NoSuchProfile as error:
                raise StoreUnusable(f"instance {instance.name}: {error}") from error
        self.apply(loaded)

    def apply(self, edits: Overlay) -> None:
        """Take in edits that have become durable."""
        for name, expanded in edits.instances.items():
            self._set_instance(name, expanded)
        _apply(self._profiles, edits.profiles)
        _apply(self._images, edits.images)
        _apply(self._aliases, edits.aliases)
        self._notes.update(edits.notes)

    def _set_instance(self, name: InstanceName, after: Expanded | None) -> None:
        self._index(name, self._instances.get(name), after)
        _apply(self._instances, {name: after})

    def _index(
        self, name: InstanceName, before: Expanded | None, after: Expanded | None
    ) -> None:
        old = before.instance.profiles if before else ()
        new = after.instance.profiles if after else ()
        # Most changes leave the profiles alone, and a profile's edit always does.
        if old == new:
            return
        for used in old:
            users = self._users[ProfileName(name.project, used)]
            users.discard(name)
        for used in new:
            self._users.setdefault(ProfileName(name.project, used), set()).add(name)
