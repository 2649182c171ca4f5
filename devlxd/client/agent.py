"""
The socket of a guest that its host shares none with: what connects here is forwarded.

Bytes are, as they come, so that whatever the API will be, it is served.
"""

from __future__ import annotations

import errno
import os
import socket
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from twisted.internet.defer import Deferred
from twisted.internet.error import CannotListenError, ConnectionDone
from twisted.internet.interfaces import IAddress, IListeningPort, IStreamClientEndpoint
from twisted.internet.protocol import Factory
from twisted.python.failure import Failure

from devlxd.client.connection import PATH_LIMIT
from devlxd.client.failures import PathTooLong
from devlxd.client.forwarding import End, join
from devlxd.client.program import Unable

__all__ = ["Agent", "close", "listen"]

_BACKLOG = 128


class _Caller(End):
    """Somebody in the guest, who has to wait until the host is there, too."""

    agent: Agent

    def connectionMade(self) -> None:
        """Connect to the host."""
        self.transport.pauseProducing()
        Deferred.fromCoroutine(self.agent.forward(self))


class Agent(Factory):
    """
    Forwards each connection.

    :param far: connects to the host.
    :param complain: told why that failed; not again before it has succeeded.
    """

    noisy = False

    def __init__(
        self, far: IStreamClientEndpoint, complain: Callable[[str], object]
    ) -> None:
        self._far = far
        self._complain = complain
        self._fails = False

    def buildProtocol(self, addr: IAddress | None) -> _Caller:
        """Whoever connects, once to be served."""
        caller = _Caller()
        caller.agent = self
        return caller

    async def forward(self, near: End) -> None:
        """Have a connection served by the host, or end it."""
        try:
            far = cast(End, await self._far.connect(Factory.forProtocol(End)))
        # Resolvers, too, have errors of their own.
        except Exception as error:
            self._note(error)
            near.transport.loseConnection()
            return
        self._fails = False
        join(near, far)
        near.transport.resumeProducing()

    def _note(self, error: Exception) -> None:
        if not self._fails:
            self._fails = True
            self._complain(_worded(error))


def listen(reactor: Any, path: str, agent: Agent) -> IListeningPort:
    """
    Listen for an agent on a socket that only our own user may use.  Its directory is
    made, and what a killed agent has left in its place is removed.

    :raises Unable: when that cannot be, or somebody listens there.
    :raises PathTooLong: when it can have no such path.
    """
    if len(os.fsencode(path)) > PATH_LIMIT:
        raise PathTooLong(path, f"{PATH_LIMIT}")
    try:
        Path(path).parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        _make_room(path)
        port: IListeningPort = reactor.listenUNIX(
            path, agent, backlog=_BACKLOG, mode=0o600, wantPID=False
        )
    except OSError as error:
        raise Unable(f"{error.filename or path}: {error.strerror}") from error
    except CannotListenError as error:
        raise Unable(f"{path}: {error.socketError.strerror}") from error
    return port


def close(port: Any) -> None:
    """
    Listen no more, and remove the socket.  It is done when this returns, since a
    program that is interrupted may have no time to wait for ``stopListening``.
    """
    port.stopReading()
    port.connectionLost(Failure(ConnectionDone()))


def _make_room(path: str) -> None:
    """
    :raises Unable: when there is something else than a socket on which nobody listens.
    """
    with suppress(FileNotFoundError):
        if not stat.S_ISSOCK(os.lstat(path).st_mode):
            raise Unable(f"{path}: is there, and is no socket")
        if _is_heard(path):
            raise Unable(f"{path}: somebody listens there already")
        Path(path).unlink()


def _is_heard(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.setblocking(False)
        return probe.connect_ex(path) != errno.ECONNREFUSED


def _worded(error: Exception) -> str:
    number = getattr(error, "errno", None) or getattr(error, "osError", None)
    return os.strerror(number) if number else str(error)
