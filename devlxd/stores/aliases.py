"""The aliases of a store."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from attrs import define
from twisted.internet.defer import Deferred
from zope.interface import implementer

from devlxd.errors import NoSuchAlias
from devlxd.interfaces import IAliases
from devlxd.model.change import AliasChange
from devlxd.model.image import Alias
from devlxd.model.names import AliasName
from devlxd.stores.observers import Observers
from devlxd.stores.transaction import Transact
from devlxd.stores.view import View


@implementer(IAliases)
@define(eq=False)
class Aliases:
    """Reads the view, and changes it by transactions of one edit."""

    _view: View
    _transact: Transact
    _observers: Observers[AliasChange]

    def get(self, name: AliasName) -> Alias:
        found = self._view.alias(name)
        if found is None:
            raise NoSuchAlias
        return found

    def all(self) -> Iterable[Alias]:
        return self._view.aliases()

    def create(self, alias: Alias) -> Deferred[Alias]:
        return self._transact(lambda draft: draft.images.create_alias(alias))

    def update(
        self, name: AliasName, rule: Callable[[Alias], Alias]
    ) -> Deferred[Alias]:
        return self._transact(lambda draft: draft.images.update_alias(name, rule))

    def rename(self, old: AliasName, new: AliasName) -> Deferred[Alias]:
        return self._transact(lambda draft: draft.images.rename_alias(old, new))

    def delete(self, name: AliasName) -> Deferred[None]:
        return self._transact(lambda draft: draft.images.delete_alias(name))

    def observe(self, observer: Callable[[AliasChange], object]) -> Callable[[], None]:
        return self._observers.add(observer)
