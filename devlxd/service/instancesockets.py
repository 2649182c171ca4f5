"""The sockets of instances that have one of their own."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from attrs import define, field
from twisted.application.service import Service
from twisted.internet.defer import Deferred, gatherResults, succeed
from twisted.logger import Logger

from devlxd.errors import CannotStart, NoSuchInstance
from devlxd.guest.door import Door
from devlxd.identity.assumed import Assumed
from devlxd.interfaces import IInstances
from devlxd.model.change import Change
from devlxd.model.expansion import Expanded
from devlxd.model.instance import InstanceType
from devlxd.model.names import InstanceName
from devlxd.model.renewal import UUID
from devlxd.service.instancehomes import InstanceHomes
from devlxd.service.instanceport import InstancePort
from devlxd.service.reason import reason
from devlxd.web.site import Site
from devlxd.web.wing import Wing

__all__ = ["InstanceSockets"]


@define(eq=False)
class InstanceSockets(Service):
    """
    Keeps a socket for each instance of some types, for as long as there is that
    instance: whoever connects to it speaks for the instance.

    What cannot be done for one instance is logged, and harms no other.

    :ivar homes: where the sockets are.
    :ivar types: of the instances that are to have one.
    :ivar site: what they lead to.
    :ivar door: counts those who come.
    :ivar most: how many sockets there may be.
    """

    _homes: InstanceHomes
    _types: Collection[InstanceType]
    _instances: IInstances
    _site: Site
    _door: Door
    _most: int
    _reactor: Any
    _ports: dict[InstanceName, InstancePort] = field(factory=dict, init=False)
    _ignore: Callable[[], None] | None = field(default=None, init=False)

    _log = Logger()

    def startService(self) -> None:
        """
        Open the sockets that there are to be, and remove those of instances that are
        gone.

        :raises CannotStart: when there can be no directory for them.
        """
        names = [
            each.instance.name
            for each in self._instances.all()
            if self._uuid(each) is not None
        ]
        try:
            self._homes.make()
            others = list(self._homes.others(names))
        except OSError as error:
            raise CannotStart(reason(error, self._homes.path)) from error
        super().startService()
        for home in others:
            self._tidy(self._homes.clear, home)
        for name in names:
            self._open(name)
        self._ignore = self._instances.observe(self._follow)
        self._tell()

    def stopService(self) -> Deferred[None]:
        """
        Remove all sockets, and leave their directories.  Connections stay.

        :return: fires when none is open any more.
        """
        super().stopService()
        if self._ignore is not None:
            self._ignore()
        closed = [self._close(name) for name in list(self._ports)]
        return gatherResults(closed).addCallback(lambda _: None)

    def _tell(self) -> None:
        if self._ports:
            self._log.info(
                "Instances have sockets of their own in {where}: {count}",
                count=len(self._ports),
                where=str(self._homes.path),
            )

    def _uuid(self, expanded: Expanded | None) -> str | None:
        """What tells an instance that is to have a socket from any other."""
        if expanded is None or expanded.instance.type not in self._types:
            return None
        return expanded.instance.config.get(UUID, "")

    def _follow(self, change: Change) -> None:
        before, after = self._uuid(change.before), self._uuid(change.after)
        if before == after:
            return
        if before is not None:
            self._leave(change)
        if after is not None:
            self._come(change)

    def _leave(self, change: Change) -> None:
        self._close(change.name)
        if change.renamed_to is None:
            self._tidy(self._homes.remove, change.name)

    def _come(self, change: Change) -> None:
        old = change.renamed_from
        if old is not None and not self._is_there(old):
            self._tidy(self._homes.move, old, change.name)
        self._open(change.name)

    def _is_there(self, name: InstanceName) -> bool:
        try:
            self._instances.get(name)
        except NoSuchInstance:
            return False
        return True

    def _open(self, name: InstanceName) -> None:
        try:
            if len(self._ports) >= self._most:
                raise OSError("there are as many as may be; raise LimitNOFILE")
            listening = self._homes.listen(name)
        except OSError as error:
            self._log.warn(
                "{name} has no socket: {reason}", name=str(name), reason=reason(error)
            )
            return
        wing = Wing(self._site, self._door.by(Assumed(name)))
        self._ports[name] = InstancePort(listening, wing, self._reactor)
        self._ports[name].startListening()

    def _close(self, name: InstanceName) -> Deferred[None]:
        """Listen no more for an instance, if we do."""
        port = self._ports.pop(name, None)
        if port is None:
            return succeed(None)
        self._tidy(self._homes.remove_socket, name)
        closed: Deferred[None] = port.stopListening()
        return closed

    def _tidy(self, act: Callable[..., object], *where: Path | InstanceName) -> None:
        try:
            act(*where)
        except OSError as error:
            self._log.warn("Left as it was: {reason}", reason=reason(error))
