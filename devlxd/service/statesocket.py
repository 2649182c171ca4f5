"""The sockets in the state directory."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

from attrs import frozen
from twisted.internet.defer import Deferred, execute
from twisted.internet.interfaces import (
    IListeningPort,
    IProtocolFactory,
    IStreamServerEndpoint,
)
from zope.interface import implementer

from devlxd.errors import CannotStart

__all__ = ["StateSocket"]

_BACKLOG = 4096


@implementer(IStreamServerEndpoint)
@frozen
class StateSocket:
    """
    A UNIX socket of ours: what a killed service left in its place is removed.

    :ivar mode: of the socket, whatever the umask.
    :ivar group: the id of the group that it belongs to; ``None`` for this process's.
    """

    _reactor: Any
    path: Path
    mode: int
    group: int | None = None

    def listen(self, factory: IProtocolFactory) -> Deferred[IListeningPort]:
        """
        Listen.

        :return: fails with `CannotStart` when something else is there, and as
            ``listenUNIX`` does.
        """
        return execute(self._listen, factory)

    def _listen(self, factory: IProtocolFactory) -> IListeningPort:
        _remove(self.path)
        port: IListeningPort = self._reactor.listenUNIX(
            str(self.path),
            factory,
            backlog=_BACKLOG,
            mode=self.mode,
            # A lock file would show a pid of the host to every guest.
            wantPID=False,
        )
        if self.group is not None:
            self._give_to(self.group, port)
        return port

    def _give_to(self, group: int, port: IListeningPort) -> None:
        try:
            os.chown(self.path, -1, group)
        except OSError:
            port.stopListening()
            raise


def _remove(path: Path) -> None:
    """
    :raises CannotStart: when there is something that is no socket.
    """
    try:
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise CannotStart(f"{path}: is there, and is no socket")
        path.unlink()
    except FileNotFoundError:
        pass
