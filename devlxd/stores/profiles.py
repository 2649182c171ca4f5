"""The profiles of a store."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from attrs import define
from twisted.internet.defer import Deferred
from zope.interface import implementer

from devlxd.interfaces import IProfiles
from devlxd.model.change import ProfileChange
from devlxd.model.instance import Profile
from devlxd.model.names import InstanceName, ProfileName
from devlxd.stores.observers import Observers
from devlxd.stores.tables import by_name, profile_in
from devlxd.stores.transaction import Transact
from devlxd.stores.view import View


@implementer(IProfiles)
@define(eq=False)
class Profiles:
    """Reads the view, and changes it by transactions of one edit."""

    _view: View
    _transact: Transact
    _observers: Observers[ProfileChange]

    def get(self, name: ProfileName) -> Profile:
        return profile_in(self._view, name)

    def all(self) -> Iterable[Profile]:
        return self._view.profiles()

    def used_by(self, name: ProfileName) -> Iterable[InstanceName]:
        return sorted(self._view.users(name), key=by_name)

    def create(self, profile: Profile) -> Deferred[Profile]:
        return self._transact(lambda draft: draft.create_profile(profile))

    def update(
        self, name: ProfileName, rule: Callable[[Profile], Profile]
    ) -> Deferred[Profile]:
        return self._transact(lambda draft: draft.update_profile(name, rule))

    def delete(self, name: ProfileName) -> Deferred[None]:
        return self._transact(lambda draft: draft.delete_profile(name))

    def observe(
        self, observer: Callable[[ProfileChange], object]
    ) -> Callable[[], None]:
        return self._observers.add(observer)
