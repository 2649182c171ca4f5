"""Several ways to recognise a caller, one after the other."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen
from zope.interface import implementer

from devlxd.errors import NotInContainer
from devlxd.interfaces import ILocator
from devlxd.model.identity import Located, Peer

__all__ = ["Chain"]


@implementer(ILocator)
@frozen
class Chain:
    """
    Asks locators in order, until one knows.

    What was registered comes first, then what the runtimes tell, then assumptions.
    """

    locators: Sequence[ILocator]

    def locate(self, peer: Peer) -> Located:
        """What the first of them says that knows the peer."""
        for locator in self.locators:
            try:
                return locator.locate(peer)
            except NotInContainer:
                continue
        raise NotInContainer
