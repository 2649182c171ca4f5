"""What is durable, in memory, for reading."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from attrs import Factory, define, field

from devlxd.errors import NoSuchProfile
from devlxd.model.expansion import Expanded
from devlxd.model.instance import Profile
from devlxd.model.names import InstanceName, ProfileName
from devlxd.stores.backend import Contents, StoreUnusable
from devlxd.stores.overlay import Overlay
from devlxd.stores.tables import by_name, expand

_NOBODY: AbstractSet[InstanceName] = frozenset()


@define(eq=False)
class View:
    """The durable tables, and which instances use which profile."""

    _instances: dict[InstanceName, Expanded] = field(init=False, default=Factory(dict))
    _profiles: dict[ProfileName, Profile] = field(init=False, default=Factory(dict))
    _notes: dict[str, str] = field(init=False, default=Factory(dict))
    _users: dict[ProfileName, set[InstanceName]] = field(
        init=False, default=Factory(dict)
    )

    def instance(self, name: InstanceName) -> Expanded | None:
        return self._instances.get(name)

    def profile(self, name: ProfileName) -> Profile | None:
        return self._profiles.get(name)

    def note(self, key: str) -> str | None:
        return self._notes.get(key)

    def users(self, profile: ProfileName) -> AbstractSet[InstanceName]:
        return self._users.get(profile, _NOBODY)

    def instances(self) -> list[Expanded]:
        """All, ordered by name."""
        return [self._instances[name] for name in sorted(self._instances, key=by_name)]

    def profiles(self) -> list[Profile]:
        """All that were ever written, ordered by name."""
        return [self._profiles[name] for name in sorted(self._profiles, key=by_name)]

    def fill(self, contents: Contents) -> None:
        """
        Take in what a backend has kept.

        :raises StoreUnusable: when an instance lacks a profile.
        """
        loaded = Overlay(self, notes=dict(contents.notes))
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
        for profile_name, profile in edits.profiles.items():
            if profile is None:
                self._profiles.pop(profile_name, None)
            else:
                self._profiles[profile_name] = profile
        self._notes.update(edits.notes)

    def _set_instance(self, name: InstanceName, after: Expanded | None) -> None:
        self._index(name, self._instances.get(name), after)
        if after is None:
            self._instances.pop(name, None)
        else:
            self._instances[name] = after

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
