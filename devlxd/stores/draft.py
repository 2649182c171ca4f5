"""The inside of one transaction, and what each edit brings with it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NoReturn

from attrs import Factory, define, evolve, field
from zope.interface import implementer

from devlxd.errors import (
    InstanceExists,
    InvalidData,
    NoSuchInstance,
    NoSuchProfile,
    ProfileExists,
    ProfileInUse,
)
from devlxd.interfaces import IDraft
from devlxd.model.change import AnyChange, Change, ProfileChange
from devlxd.model.expansion import Expanded
from devlxd.model.instance import Instance, Profile
from devlxd.model.names import InstanceName, ProfileName
from devlxd.model.renewal import (
    INSTANCE_ID,
    UUID,
    may_reach_cloud_init,
    reads_differ,
    renewed,
)
from devlxd.model.validation import check_text
from devlxd.stores.imagedraft import ImageDraft
from devlxd.stores.moves import Moves
from devlxd.stores.overlay import Overlay
from devlxd.stores.tables import DEFAULT, Tables, by_name, expand, profile_in


def _equal(one: Expanded, other: Expanded) -> bool:
    # Expanded itself is compared by identity.
    return one.instance == other.instance and one.profiles == other.profiles


def _using(instance: Instance, old: str, new: str) -> Instance:
    profiles = [new if name == old else name for name in instance.profiles]
    return evolve(instance, profiles=profiles)


def _fixed(what: str) -> NoReturn:
    raise InvalidData(f"{what} cannot be changed")


@implementer(IDraft)
@define(eq=False)
class Draft:
    """
    Tables that can be edited.

    :ivar edits: what differs from the tables underneath; an edit that was undone again
        is not in it.
    """

    _base: Tables
    _new_uuid: Callable[[], str]
    edits: Overlay = field(
        init=False, default=Factory(lambda self: Overlay(self._base), takes_self=True)
    )
    images: ImageDraft = field(
        init=False,
        default=Factory(
            lambda self: ImageDraft(self._base, self.edits), takes_self=True
        ),
    )
    _instance_moves: Moves[InstanceName] = field(init=False, factory=Moves)
    _profile_moves: Moves[ProfileName] = field(init=False, factory=Moves)

    def changes(self) -> list[AnyChange]:
        """What became of everything, kind by kind, in the order of the edits."""
        profiles, instances = self._profile_moves, self._instance_moves
        return [
            *(
                ProfileChange(
                    name, self._durable_profile(name), after, *profiles.of(name, after)
                )
                for name, after in self.edits.profiles.items()
            ),
            *(
                Change(
                    name,
                    self._base.instance(name),
                    after,
                    (),
                    *instances.of(name, after),
                )
                for name, after in self.edits.instances.items()
            ),
            *self.images.changes(),
        ]

    def instance(self, name: InstanceName) -> Expanded:
        found = self.edits.instance(name)
        if found is None:
            raise NoSuchInstance
        return found

    def create_instance(self, instance: Instance) -> Expanded:
        if self.edits.instance(instance.name) is not None:
            raise InstanceExists
        return self._put(expand(self.edits, self._identified(instance)))

    def update_instance(
        self, name: InstanceName, rule: Callable[[Instance], Instance]
    ) -> Expanded:
        before = self.instance(name)
        instance = rule(before.instance)
        if instance == before.instance:
            return before
        if instance.name != name:
            _fixed("Instance name")
        if instance.type is not before.instance.type:
            _fixed("Instance type")
        return self._put(self._renewed(before, expand(self.edits, instance)))

    def delete_instance(self, name: InstanceName) -> None:
        self.instance(name)
        self._instance_moves.forget(name)
        if self._base.instance(name) is None:
            del self.edits.instances[name]
        else:
            self.edits.instances[name] = None

    def rename_instance(self, old: InstanceName, new: InstanceName) -> Expanded:
        instance = self.instance(old).instance
        if self.edits.instance(new) is not None:
            raise InstanceExists
        origin = self._instance_moves.origin(old)
        self.delete_instance(old)
        if self._base.instance(origin) is not None:
            self._instance_moves.note(origin, new)
        moved = renewed(evolve(instance, name=new), self._new_uuid())
        return self._put(expand(self.edits, moved))

    def profile(self, name: ProfileName) -> Profile:
        return profile_in(self.edits, name)

    def used_by(self, name: ProfileName) -> list[InstanceName]:
        self.profile(name)
        return sorted(self.edits.users(name), key=by_name)

    def create_profile(self, profile: Profile) -> Profile:
        if profile.name.name == DEFAULT or self.edits.profile(profile.name) is not None:
            raise ProfileExists
        return self._put_profile(profile)

    def update_profile(
        self, name: ProfileName, rule: Callable[[Profile], Profile]
    ) -> Profile:
        before = self.profile(name)
        profile = rule(before)
        if profile == before:
            return before
        if profile.name != name:
            _fixed("Profile name")
        after = self._put_profile(profile)
        cloud_init = may_reach_cloud_init(before, after)
        for user in sorted(self.edits.users(name), key=by_name):
            self._reach(user, cloud_init)
        return after

    def delete_profile(self, name: ProfileName) -> None:
        if name.name == DEFAULT or self.edits.users(name):
            raise ProfileInUse
        if self.edits.profile(name) is None:
            raise NoSuchProfile
        self._profile_moves.forget(name)
        if self._base.profile(name) is None:
            del self.edits.profiles[name]
        else:
            self.edits.profiles[name] = None

    def rename_profile(self, old: ProfileName, new: ProfileName) -> Profile:
        profile = self.profile(old)
        if old.name == DEFAULT:
            raise ProfileInUse
        moved = self.create_profile(evolve(profile, name=new))
        for user in self.used_by(old):
            self.update_instance(user, partial(_using, old=old.name, new=new.name))
        origin = self._profile_moves.origin(old)
        self.delete_profile(old)
        if self._base.profile(origin) is not None:
            self._profile_moves.note(origin, new)
        return moved

    def note(self, key: str) -> str | None:
        return self.edits.note(key)

    def set_note(self, key: str, text: str) -> None:
        check_text(key)
        check_text(text)
        if self._base.note(key) == text:
            self.edits.notes.pop(key, None)
        else:
            self.edits.notes[key] = text

    def _durable_profile(self, name: ProfileName) -> Profile | None:
        # The default one is there before it is first written.
        if name.name == DEFAULT:
            return profile_in(self._base, name)
        return self._base.profile(name)

    def _identified(self, instance: Instance) -> Instance:
        fresh = {
            key: self._new_uuid()
            for key in (UUID, INSTANCE_ID)
            if not instance.config.get(key)
        }
        return evolve(instance, config={**instance.config, **fresh})

    def _renewed(self, before: Expanded, after: Expanded) -> Expanded:
        if not reads_differ(before, after):
            return after
        return evolve(after, instance=renewed(after.instance, self._new_uuid()))

    def _reach(self, user: InstanceName, cloud_init: bool) -> None:
        # A profile of this instance has changed.
        before = self.instance(user)
        after = expand(self.edits, before.instance)
        self._put(self._renewed(before, after) if cloud_init else after)

    def _put(self, after: Expanded) -> Expanded:
        name = after.instance.name
        durable = self._base.instance(name)
        if durable is not None and _equal(durable, after):
            self.edits.instances.pop(name, None)
            return durable
        self.edits.instances[name] = after
        return after

    def _put_profile(self, after: Profile) -> Profile:
        durable = self._base.profile(after.name)
        if durable is not None and durable == after:
            self.edits.profiles.pop(after.name, None)
            return durable
        self.edits.profiles[after.name] = after
        return after
