"""
Who is at the other end of a connection.

The kernel keeps, for a UNIX socket, the process that called ``connect``: its pid, uid
and gid at that time (``SO_PEERCRED``, unix(7)) and the process itself
(``SO_PEERPIDFD``).  Whoever uses the socket later changes nothing of this.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from errno import ENOPROTOOPT
from socket import AF_UNIX, SO_PEERCRED, SOL_SOCKET, socket
from struct import Struct

from devlxd.identity.kernel import LINUX, IKernel
from devlxd.model.identity import NOBODY, Peer

__all__ = ["peer_of"]

_UCRED = Struct("iII")


@contextmanager
def peer_of(transport: object, kernel: IKernel = LINUX) -> Iterator[Peer]:
    """
    The peer of a transport, for as long as the context lasts; then its pidfd is closed.

    :param transport: of a connection that was accepted.
    :return: a peer without a pidfd when the process has ended; `NOBODY` when the
        transport is not over a UNIX socket.
    """
    peer = _peer(transport, kernel)
    try:
        yield peer
    finally:
        if peer.pidfd is not None:
            os.close(peer.pidfd)


def _peer(transport: object, kernel: IKernel) -> Peer:
    """The peer with its pidfd open."""
    connection = getattr(transport, "getHandle", lambda: None)()
    if not isinstance(connection, socket) or connection.family != AF_UNIX:
        return NOBODY
    try:
        ucred = connection.getsockopt(SOL_SOCKET, SO_PEERCRED, _UCRED.size)
    except OSError:
        return NOBODY
    pid, uid, gid = _UCRED.unpack(ucred)
    return Peer(pid, uid, gid, _pidfd(connection, pid, kernel))


def _pidfd(connection: socket, pid: int, kernel: IKernel) -> int | None:
    """A pidfd of the peer, unless it has ended."""
    try:
        try:
            return kernel.peer_pidfd(connection)
        except OSError as error:
            if error.errno != ENOPROTOOPT:
                raise
            # Before Linux 6.5 the number is all there is.  It names another process
            # if the peer ended before now and the number was given away since.
            return kernel.pidfd(pid)
    except OSError:
        return None
