"""Who asks."""

from __future__ import annotations

from attrs import frozen

from devlxd.model.names import InstanceName


@frozen
class Peer:
    """
    The process at the other end of a connection, as the kernel names it (unix(7)).

    The numbers are those of the namespaces that this service lives in, and those at
    the time of ``connect``.

    :ivar pid: 0 when the process cannot be seen from here.
    :ivar uid: -1 when the transport tells nothing, as TCP.
    :ivar gid: as ``uid``.
    :ivar pidfd: an open pidfd of that very process (``SO_PEERPIDFD``, Linux 6.5; before
        that, of the process that has its number), or ``None`` when it could not be
        held.  It belongs to who made this value.
    """

    pid: int
    uid: int
    gid: int
    pidfd: int | None = None


NOBODY = Peer(pid=0, uid=-1, gid=-1)
"""The peer of a transport that knows no peer credentials."""


@frozen
class Located:
    """
    The instance that a peer is in.

    :ivar root_uid: the uid, on this host, of the instance's root; ``None`` when every
        uid may speak for the instance.
    """

    name: InstanceName
    root_uid: int | None

    def is_root(self, peer: Peer) -> bool:
        """Whether the peer may speak for the instance."""
        return self.root_uid is None or peer.uid == self.root_uid


@frozen
class Boot:
    """
    One life of an instance: its init process, told apart from every other process
    before and after it on this host.

    :ivar pid: of the init process, in our pid namespace.
    :ivar token: what is equal for two observations of the same life only; opaque.
    """

    pid: int
    token: str
