"""A registry of processes that are only said to exist."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from attrs import define, field
from zope.interface import implementer

from devlxd.errors import BadRequest, NotInContainer
from devlxd.interfaces import IRegistry
from devlxd.model.identity import Boot, Located, Peer
from devlxd.model.names import InstanceName


@implementer(IRegistry)
@define
class Processes:
    """
    Knows instances by the pids of their init processes.

    :ivar living: the processes that there are, by pid, and the token of each.
    """

    living: dict[int, str] = field(factory=dict)
    _entries: dict[InstanceName, tuple[int, Callable[[], object]]] = field(factory=dict)

    def locate(self, peer: Peer) -> Located:
        for name, (pid, _) in self._entries.items():
            if pid == peer.pid:
                return Located(name, None)
        raise NotInContainer

    def register(
        self, name: InstanceName, pid: int, ended: Callable[[], object]
    ) -> Boot:
        if pid not in self.living:
            raise BadRequest("No such process")
        self._entries[name] = (pid, ended)
        return Boot(pid, self.living[pid])

    def resume(
        self, name: InstanceName, token: str, ended: Callable[[], object]
    ) -> Boot:
        for pid, living in self.living.items():
            if living == token:
                return self.register(name, pid, ended)
        raise BadRequest("No such process")

    def forget(self, name: InstanceName) -> None:
        self._entries.pop(name, None)

    def running(self) -> Iterable[InstanceName]:
        return list(self._entries)

    def pid_of(self, name: InstanceName) -> int | None:
        entry = self._entries.get(name)
        return entry[0] if entry else None

    def end(self, pid: int) -> object:
        """
        End a process.

        :return: what the one that was to be told returned.
        """
        del self.living[pid]
        ((name, ended),) = ((n, e) for n, (p, e) in self._entries.items() if p == pid)
        del self._entries[name]
        return ended()
