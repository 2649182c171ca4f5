"""
Instances by the pid namespace of their init process.

An entry is good while that process lives, and so long the numbers of its namespace
are nobody else's.  The reactor tells of its end, but may do so late: a new instance
may have got the same numbers and have connected before.  So an entry is used only
after its init process was seen to live *while* the namespace of the peer was held.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from time import monotonic

from attrs import define, field
from twisted.internet.interfaces import IReactorFDSet
from twisted.logger import Logger
from zope.interface import implementer

from devlxd.errors import BadRequest, NotInContainer
from devlxd.identity.namespaces import Namespace, Namespaces
from devlxd.identity.processes import Process, own_pid_of_namespace, pid_of_life
from devlxd.identity.sparing import SparingLog
from devlxd.identity.watch import Watch
from devlxd.interfaces import IRegistry
from devlxd.model.identity import Boot, Located, Peer
from devlxd.model.names import InstanceName

__all__ = ["Registry"]


@define(eq=False)
class _Entry:
    """
    A registered instance.

    :ivar init: its pidfd is the entry's own.
    :ivar located: what its peers are told, once the uid of its root is known.
    """

    name: InstanceName
    init: Process
    namespace: Namespace
    watch: Watch
    ended: Callable[[], object]
    located: Located | None = None

    def locate(self) -> Located:
        """
        :raises OSError: when the uid of its root cannot be read.
        :raises ValueError: when that makes no sense.
        :raises LookupError: when it has no root, or not yet.
        """
        if self.located is None:
            root_uid = self.init.root_uid()
            if root_uid is None:
                raise LookupError(f"{self.name} has no root")
            self.located = Located(self.name, root_uid)
        return self.located


@implementer(IRegistry)
@define(eq=False)
class Registry:
    """Instances that were registered by the pid of their init process."""

    _log = Logger()

    _namespaces: Namespaces
    _reactor: IReactorFDSet
    _seconds: Callable[[], float] = monotonic
    _strangers: SparingLog = field(init=False)
    _names: dict[InstanceName, _Entry] = field(factory=dict, init=False)
    _entries: dict[Namespace, _Entry] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        self._strangers = SparingLog(self._log, self._seconds)

    def locate(self, peer: Peer) -> Located:
        """The innermost instance that the peer is in."""
        try:
            return self._entry_of(peer).locate()
        except (LookupError, OSError, ValueError) as error:
            self._strangers.info(
                "Process {peer.pid} of uid {peer.uid} is not known yet: {error}",
                peer=peer,
                error=error,
            )
            raise NotInContainer from None

    def register(
        self, name: InstanceName, pid: int, ended: Callable[[], object]
    ) -> Boot:
        """The process must be pid 1 of its namespace, which ends with that."""
        return self._take(name, pid, ended)

    def resume(
        self, name: InstanceName, token: str, ended: Callable[[], object]
    ) -> Boot:
        """The token says which process it was; no other one has the same."""
        try:
            pid = pid_of_life(token)
        except ValueError:
            raise BadRequest("No process was ever told by this token") from None
        return self._take(name, pid, ended, token)

    def forget(self, name: InstanceName) -> None:
        """Let go of the init process."""
        entry = self._names.get(name)
        if entry is not None:
            self._forget(entry)
            self._log.info("{name} is forgotten", name=str(name))

    def running(self) -> Iterable[InstanceName]:
        """In the order of their registration."""
        return [name for name, entry in self._names.items() if entry.init.lives()]

    def pid_of(self, name: InstanceName) -> int | None:
        """The pid that it was registered by."""
        entry = self._names.get(name)
        return entry.init.pid if entry is not None and entry.init.lives() else None

    def close(self) -> None:
        """Forget all instances, tell nobody and hold nothing more."""
        for entry in list(self._names.values()):
            self._forget(entry)

    def _take(
        self,
        name: InstanceName,
        pid: int,
        ended: Callable[[], object],
        token: str | None = None,
    ) -> Boot:
        with self._examined(pid) as init:
            boot = Boot(pid, init.life())
            if token not in (None, boot.token):
                raise BadRequest(f"Process {pid} is another one by now")
            namespace = self._free_namespace(init, name)
            watch = Watch(init.pidfd, self._reactor, partial(self._end, name))
            watch.start()
        earlier = self._names.get(name)
        if earlier is not None:
            self._forget(earlier)
        entry = _Entry(name, init, namespace, watch, ended)
        self._names[name] = self._entries[namespace] = entry
        self._log.info("{name} is process {pid}", name=str(name), pid=pid)
        return boot

    def _entry_of(self, peer: Peer) -> _Entry:
        """
        :raises LookupError: when there is none.
        :raises OSError: when it cannot be told.
        """
        if peer.pidfd is None:
            raise LookupError("not held")
        with closing(self._namespaces.outward(peer.pid, peer.pidfd)) as chain:
            for namespace in chain:
                entry = self._entries.get(namespace)
                if entry is not None and entry.init.lives():
                    return entry
        raise LookupError("in no registered pid namespace")

    @contextmanager
    def _examined(self, pid: int) -> Iterator[Process]:
        """
        The process of a pid, held for good unless the context fails.

        :raises BadRequest: when it turns out not to be what it should.
        """
        try:
            init = self._namespaces.hold(pid)
            try:
                yield init
            except BaseException:
                os.close(init.pidfd)
                raise
        except (OSError, OverflowError, ValueError) as error:
            self._log.debug("Process {pid} is unfit: {error}", pid=pid, error=error)
            why = getattr(error, "strerror", None) or "its /proc makes no sense"
            raise BadRequest(f"Process {pid} cannot be examined: {why}") from None

    def _free_namespace(self, init: Process, name: InstanceName) -> Namespace:
        """
        The namespace that an instance can be recognised by from now on.

        :raises BadRequest: when it cannot.
        """
        namespace = self._namespaces.innermost(init)
        if namespace is None:
            raise BadRequest(f"Process {init.pid} is in our own pid namespace")
        if own_pid_of_namespace(init.read("status")) != 1:
            raise BadRequest(f"Process {init.pid} is not the init of its pid namespace")
        holder = self._entries.get(namespace)
        if holder is not None and holder.name != name and holder.init.lives():
            raise BadRequest(f"Process {init.pid} is the init of {holder.name}")
        return namespace

    def _end(self, name: InstanceName) -> None:
        """The init process of an instance has ended."""
        entry = self._names[name]
        self._forget(entry)
        self._log.info("{name} has ended", name=str(name))
        try:
            entry.ended()
        except Exception:
            self._log.failure("Acting on the end of {name} failed", name=str(name))

    def _forget(self, entry: _Entry) -> None:
        """Let go of an instance."""
        del self._names[entry.name]
        # The numbers of its namespace may be another's already.
        if self._entries.get(entry.namespace) is entry:
            del self._entries[entry.namespace]
        entry.watch.stop()
        os.close(entry.init.pidfd)
