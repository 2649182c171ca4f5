"""The instances of a store."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from attrs import define
from twisted.internet.defer import Deferred
from zope.interface import implementer

from devlxd.errors import NoSuchInstance
from devlxd.interfaces import IInstances
from devlxd.model.change import Change
from devlxd.model.expansion import Expanded
from devlxd.model.instance import Instance
from devlxd.model.names import InstanceName
from devlxd.stores.observers import Observers
from devlxd.stores.transaction import Transact
from devlxd.stores.view import View


@implementer(IInstances)
@define(eq=False)
class Instances:
    """Reads the view, and changes it by transactions of one edit."""

    _view: View
    _transact: Transact
    _observers: Observers[Change]

    def get(self, name: InstanceName) -> Expanded:
        found = self._view.instance(name)
        if found is None:
            raise NoSuchInstance
        return found

    def all(self) -> Iterable[Expanded]:
        return self._view.instances()

    def create(self, instance: Instance) -> Deferred[Expanded]:
        return self._transact(lambda draft: draft.create_instance(instance))

    def update(
        self, name: InstanceName, rule: Callable[[Instance], Instance]
    ) -> Deferred[Expanded]:
        return self._transact(lambda draft: draft.update_instance(name, rule))

    def delete(self, name: InstanceName) -> Deferred[None]:
        return self._transact(lambda draft: draft.delete_instance(name))

    def observe(self, observer: Callable[[Change], object]) -> Callable[[], None]:
        return self._observers.add(observer)
