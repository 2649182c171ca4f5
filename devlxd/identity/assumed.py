"""One instance, whoever asks."""

from __future__ import annotations

from attrs import frozen
from zope.interface import implementer

from devlxd.interfaces import ILocator
from devlxd.model.identity import Located, Peer
from devlxd.model.names import InstanceName

__all__ = ["Assumed"]


@implementer(ILocator)
@frozen
class Assumed:
    """
    Takes every peer, of whatever uid, for one and the same instance.

    It is for sockets that only this instance can reach, and for hosts where nobody is
    to be told apart.
    """

    name: InstanceName

    def locate(self, peer: Peer) -> Located:
        """Always that instance."""
        return Located(self.name, root_uid=None)
