"""Instances whose init process is known, and what their data say of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from attrs import define
from twisted.internet.defer import Deferred
from twisted.logger import Logger

from devlxd.errors import BadRequest, Conflict, NoSuchInstance, Refusal
from devlxd.host.instancesfile import Document
from devlxd.interfaces import IInstances, IRegistry
from devlxd.model.change import Change
from devlxd.model.identity import Boot
from devlxd.model.instance import Instance, InstanceType
from devlxd.model.lifecycle import BOOT, started, stopped
from devlxd.model.names import InstanceName

__all__ = ["Registration"]


@define
class Registration:
    """Takes processes for instances and keeps the instances' data true to that."""

    _log = Logger()

    _registry: IRegistry
    _instances: IInstances

    async def register(self, name: InstanceName, pid: int) -> Boot:
        """
        Take a process, and all in its pid namespace, for an instance until it ends.

        :param pid: the instance's init process, in our pid namespace.
        :return: once it is written down that the instance started.
        :raises NoSuchInstance: when there is none; then nothing is registered.
        :raises BadRequest: when the process cannot be an instance's init.
        :raises StoreFailure: when that it started could not be written down.  Its
            processes are known by it all the same; register it again to repeat that.
        """
        self._instances.get(name)
        boot = self._registry.register(name, pid, partial(self._ended, name))
        await self._instances.update(name, partial(started, boot=boot))
        return boot

    def found(self, name: InstanceName, pid: int, lives: Callable[[], bool]) -> None:
        """
        Take a process that a runtime says is a container's init.  Its processes are
        known by the instance when this returns; that the instance started is written
        down after that, and before anything that they ask to be.  Nothing happens when
        the instance is that process already.

        :param lives: whether the process that was found has not ended.
        :raises NoSuchInstance: when there is none.
        :raises BadRequest: when the instance is no container, or the process cannot be
            an instance's init any more.
        :raises Conflict: when the instance is another process that lives, which
            somebody registered or a runtime found earlier.
        """
        if self._instances.get(name).instance.type is not InstanceType.CONTAINER:
            raise BadRequest(f"{name} is no container")
        known = self._registry.pid_of(name)
        if known == pid:
            return
        if known is not None:
            raise Conflict(f"{name} is another process already")
        boot = self._registry.register(name, pid, partial(self._ended, name))
        if not lives():
            # The number may have been given away before the registry took it.
            self._registry.forget(name)
            self._ended(name)
            raise BadRequest(f"Process {pid} has ended")
        rule = partial(started, boot=boot)
        Deferred.fromCoroutine(self._record("start", name, rule))

    async def resume(self) -> None:
        """
        Take the processes for instances again that were theirs when this service
        ended, unless others are by now.  Where such a process has ended meanwhile, so
        has that life of its instance.
        """
        for expanded in list(self._instances.all()):
            name = expanded.instance.name
            token = expanded.instance.config.get(BOOT)
            if token is not None:
                await self._resume(name, token)

    async def register_stated(
        self, document: Document, file: str, known: Mapping[InstanceName, int]
    ) -> None:
        """
        Register all instances whose ``init`` a file states.  Those that fail do so
        in the log: a file outlives the processes that it names.

        :param file: what the log calls the file.
        :param known: what it stated before.  That is not registered again: its process
            may have ended, and its number be another's.
        """
        for name, pid in document.inits.items():
            if known.get(name) == pid:
                continue
            try:
                await self.register(name, pid)
            except Refusal as refusal:
                self._log.warn(
                    "{file}:{line}: {name} is not registered: {reason}",
                    file=file,
                    line=document.line_of("instances", str(name), "init"),
                    name=str(name),
                    reason=refusal.text,
                )

    def forget_deleted(self, change: Change) -> None:
        """
        Take nobody for an instance that is gone, so that its processes are not those
        of the next one of its name: an observer for `IInstances.observe`.
        """
        if change.after is None:
            self._registry.forget(change.name)

    async def _resume(self, name: InstanceName, token: str) -> None:
        try:
            self._registry.resume(name, token, partial(self._ended, name))
        except BadRequest as refusal:
            self._log.info(
                "{name} has ended meanwhile: {reason}",
                name=str(name),
                reason=refusal.text,
            )
            await self._record("end", name, stopped)

    def _ended(self, name: InstanceName) -> Deferred[None]:
        """Write down that the init process of an instance has ended."""
        return Deferred.fromCoroutine(self._record("end", name, stopped))

    async def _record(
        self, what: str, name: InstanceName, rule: Callable[[Instance], Instance]
    ) -> None:
        """Write down what happened to an instance."""
        try:
            await self._instances.update(name, rule)
        except NoSuchInstance:
            # It was deleted while it ran, which is how podman --rm and others do it.
            self._log.debug("{name} is gone already", name=str(name))
        except Exception:
            self._log.failure(
                "Recording the {what} of {name} failed", what=what, name=str(name)
            )
