"""What is known of the lives of instances."""

from __future__ import annotations

from attrs import frozen
from zope.interface import implementer

from devlxd.errors import BadRequest
from devlxd.host.registration import Registration
from devlxd.interfaces import IRegistry, IRuntime
from devlxd.model.identity import Boot
from devlxd.model.names import InstanceName


@implementer(IRuntime)
@frozen
class Registered:
    """Instances run while their registered init process does."""

    _registry: IRegistry
    _registration: Registration

    def runs(self, name: InstanceName) -> bool:
        return self.pid_of(name) is not None

    def pid_of(self, name: InstanceName) -> int | None:
        return self._registry.pid_of(name)

    async def register(self, name: InstanceName, pid: int) -> Boot:
        return await self._registration.register(name, pid)


@implementer(IRuntime)
@frozen
class Supposed:
    """The instance that every peer is taken for runs, and no other does."""

    _name: InstanceName

    def runs(self, name: InstanceName) -> bool:
        return name == self._name

    def pid_of(self, name: InstanceName) -> int | None:
        return None

    async def register(self, name: InstanceName, pid: int) -> Boot:
        raise BadRequest(f"Every caller is taken for {self._name}: --assume")
