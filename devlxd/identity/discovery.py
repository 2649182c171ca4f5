"""
Containers that nobody registered, found when one of their processes connects.

What is found is registered from then on, so that a container is looked for once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic
from typing import Protocol

from attrs import define, field
from twisted.logger import Logger
from zope.interface import implementer

from devlxd.errors import NotInContainer, Refusal
from devlxd.identity.inits import Inits
from devlxd.identity.namespaces import Namespace, Namespaces
from devlxd.identity.processes import Process
from devlxd.identity.runtimes.interface import IContainerRuntime
from devlxd.identity.runtimes.naming import Naming
from devlxd.identity.sparing import SparingLog
from devlxd.identity.strangers import Strangers
from devlxd.identity.supervision import Supervision
from devlxd.interfaces import ILocator
from devlxd.model.identity import Located, Peer
from devlxd.model.names import InstanceName

__all__ = ["Discovery", "Found"]

_UNKNOWN = (LookupError, OSError, ValueError, Refusal)
"""What is raised on the way when a process is in no container that is an instance."""


class Found(Protocol):
    """What is done with a container that was found."""

    def __call__(
        self, name: InstanceName, pid: int, lives: Callable[[], bool]
    ) -> object:
        """
        Have the registry take a process for an instance's init, before this returns.

        :param lives: whether the process that was found has not ended.
        :raises Refusal: when that cannot be.
        """


@implementer(ILocator)
@define(eq=False)
class Discovery:
    """
    Asks the supervisors of containers.

    :ivar registry: which instances are known already.
    :ivar runtimes: those that are believed.
    :ivar found: has the registry know one more.
    :ivar seconds: a clock.
    """

    _log = Logger()

    _registry: ILocator
    _namespaces: Namespaces
    _runtimes: Sequence[IContainerRuntime]
    _naming: Naming
    _found: Found
    _seconds: Callable[[], float] = monotonic
    _inits: Inits = field(init=False)
    _supervision: Supervision = field(init=False)
    _strangers: Strangers = field(init=False)
    _refused: SparingLog = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._inits = Inits(self._namespaces)
        self._supervision = Supervision(self._namespaces)
        self._strangers = Strangers(self._seconds)
        self._refused = SparingLog(self._log, self._seconds)

    def locate(self, peer: Peer) -> Located:
        """The instance that the peer is in, which is registered by that."""
        try:
            self._find(peer)
        except _UNKNOWN as error:
            self._refused.info(
                "Process {peer.pid} is in no container of an instance: {error}",
                peer=peer,
                error=error,
            )
            raise NotInContainer from None
        return self._registry.locate(peer)

    def look_around(self) -> None:
        """
        Register all containers that run, which takes about 10 microseconds for each
        process on the host.
        """
        for init in self._inits.all():
            try:
                with self._namespaces.outermost(init.pid, init.pidfd) as descriptor:
                    self._look_into(init, descriptor)
            except _UNKNOWN as error:
                self._log.debug(
                    "Process {pid} is the init of no instance: {error}",
                    pid=init.pid,
                    error=error,
                )

    def _find(self, peer: Peer) -> None:
        """
        :raises LookupError: when the peer is in no container of a runtime, or was in
            none a moment ago.
        :raises OSError: when it cannot be told.
        :raises ValueError: when ``/proc`` or a command line makes no sense.
        :raises Refusal: when the container is no instance.
        """
        if peer.pidfd is None or peer.pid == 0:
            raise LookupError("it cannot be seen")
        process = Process(peer.pid, peer.pidfd, self._namespaces.proc)
        with self._namespaces.outermost(peer.pid, peer.pidfd) as descriptor:
            namespace = Namespace.of(descriptor)
            if namespace in self._strangers:
                raise LookupError("it was in none a moment ago")
            try:
                self._look_into(process, descriptor)
            except _UNKNOWN:
                self._strangers.add(namespace)
                raise

    def _look_into(self, process: Process, descriptor: int) -> None:
        # First of all, so that nobody but root can have us search for an init.
        if not self._namespaces.made_by_root(descriptor):
            raise LookupError("its pid namespace is not root's")
        with self._inits.of(process, descriptor) as init:
            self._enter(init)

    def _enter(self, init: Process) -> None:
        supervisor = self._supervision.supervisor_of(init)
        for runtime in self._runtimes:
            container = runtime.container_of(supervisor)
            if container is not None:
                name = self._naming.instance_of(runtime, container)
                self._found(name, init.pid, init.lives)
                self._log.info(
                    "{name} is the container {container} of {runtime}",
                    name=str(name),
                    container=container,
                    runtime=runtime.name,
                )
                return
        raise LookupError("its parent is no supervisor that is known")
