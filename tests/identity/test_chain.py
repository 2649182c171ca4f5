"""Tests for `devlxd.identity.chain`."""

from __future__ import annotations

import os

from attrs import define
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from devlxd.errors import NotInContainer
from devlxd.identity.assumed import Assumed
from devlxd.identity.chain import Chain
from devlxd.interfaces import ILocator
from devlxd.model.identity import NOBODY, Located, Peer
from devlxd.model.names import InstanceName
from devlxd.testing import locators

C1 = InstanceName("default", "c1")
C2 = InstanceName("default", "c2")


@implementer(ILocator)
@define
class Acquainted:
    """Knows the peers of one uid."""

    uid: int
    name: InstanceName

    def locate(self, peer: Peer) -> Located:
        """Its instance, for them only."""
        if peer.uid != self.uid:
            raise NotInContainer
        return Located(self.name, self.uid)


@implementer(ILocator)
@define
class Broken:
    """Fails in a way that no locator should."""

    def locate(self, peer: Peer) -> Located:
        """Fail for everybody."""
        raise ZeroDivisionError(peer)


class ContractTests(locators.DiscerningLocatorContract):
    """A chain is a locator."""

    def locator(self) -> ILocator:
        """One of two links."""
        return Chain([Acquainted(1, C1), Acquainted(2, C2)])

    def known(self) -> tuple[Peer, Located]:
        """Somebody whom the second link knows."""
        return self.peer(2), Located(C2, 2)

    def stranger(self) -> Peer:
        """Somebody whom no link knows."""
        return self.peer(3)

    def peer(self, uid: int) -> Peer:
        """This process, of another uid."""
        pidfd = os.pidfd_open(os.getpid())
        self.addCleanup(os.close, pidfd)
        return Peer(os.getpid(), uid, uid, pidfd)

    def test_ended(self) -> None:
        """A chain has no opinion of its own about peers that have ended."""
        located = self.locator().locate(Peer(1, 1, 1, pidfd=None))
        self.assertEqual(located, Located(C1, 1))


class ChainTests(SynchronousTestCase):
    """A chain asks its links in order."""

    def test_first(self) -> None:
        """The first that knows a peer is believed, and no other asked."""
        chain = Chain([Acquainted(1, C1), Acquainted(1, C2), Broken()])
        self.assertEqual(chain.locate(Peer(9, 1, 1)), Located(C1, 1))

    def test_last(self) -> None:
        """What follows is asked when those before do not know."""
        chain = Chain([Acquainted(1, C1), Assumed(C2)])
        self.assertEqual(chain.locate(NOBODY), Located(C2, None))

    def test_empty(self) -> None:
        """A chain without links knows nobody."""
        self.assertRaises(NotInContainer, Chain([]).locate, NOBODY)

    def test_failure(self) -> None:
        """A fault of a link is not taken for its ignorance."""
        chain = Chain([Broken(), Assumed(C1)])
        self.assertRaises(ZeroDivisionError, chain.locate, NOBODY)
