"""Who may manage instances: root, the service's own user, and one group."""

from __future__ import annotations

import os
import struct
from socket import SOL_SOCKET, socket

from attrs import frozen
from twisted.internet.interfaces import ITransport
from zope.interface import implementer

from devlxd.identity.credentials import peer_of
from devlxd.model.identity import Peer
from devlxd.web.interfaces import IDoor

_SO_PEERGROUPS = 59  # asm-generic/socket.h, Linux 4.13
_MOST = 1024  # bytes that Python's getsockopt takes: 256 groups


@frozen
class Operator:
    """
    A peer of the host socket.

    :ivar may_manage: whether it may ask anything.
    """

    peer: Peer
    may_manage: bool


@implementer(IDoor)
@frozen
class HostDoor:
    """
    The operators' door.

    The mode of the socket says the same; this holds where it is handed on.

    :ivar group: whose members are let in, beside root and ourselves; ``None`` for
        nobody's.
    """

    group: int | None = None

    def enter(self, transport: ITransport) -> Operator:
        """Recognise a peer by its credentials."""
        with peer_of(transport) as peer:
            return Operator(peer, self._trusts(peer, transport))

    def leave(self, visitor: object) -> None:
        """There is no limit to operators."""

    def _trusts(self, peer: Peer, transport: ITransport) -> bool:
        if peer.uid in (0, os.geteuid()):
            return True
        return self.group is not None and (
            self.group == peer.gid or self.group in _groups(transport)
        )


def _groups(transport: object) -> list[int]:
    """The supplementary groups of a peer, as they were when it connected."""
    connection = getattr(transport, "getHandle", lambda: None)()
    if not isinstance(connection, socket):
        return []
    try:
        raw = connection.getsockopt(SOL_SOCKET, _SO_PEERGROUPS, _MOST)
    except OSError:
        return []
    return [group for (group,) in struct.iter_unpack("I", raw)]
