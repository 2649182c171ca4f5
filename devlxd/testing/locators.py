"""The contract of `ILocator`, to be run on every implementation."""

from __future__ import annotations

import os
from abc import abstractmethod

from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from devlxd.errors import NotInContainer
from devlxd.interfaces import ILocator
from devlxd.model.identity import NOBODY, Located, Peer

__all__ = ["DiscerningLocatorContract", "LocatorContract", "open_descriptors"]


def open_descriptors() -> int:
    """How many file descriptors this process has open."""
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208


class LocatorContract(SynchronousTestCase):
    """
    What every locator does.

    A subclass says how to get one.  Import this module, not the class, into a test
    module: trial runs whatever test case it finds there.
    """

    @abstractmethod
    def locator(self) -> ILocator:
        """A new locator."""

    @abstractmethod
    def known(self) -> tuple[Peer, Located]:
        """A peer that the locator knows, with an open pidfd, and what it says of it."""

    def test_role(self) -> None:
        """It is an `ILocator`."""
        self.assertTrue(verifyObject(ILocator, self.locator()))

    def test_known(self) -> None:
        """A peer is told the instance that it is in, each time that it asks."""
        locator = self.locator()
        peer, expected = self.known()
        self.assertEqual([locator.locate(peer) for _ in range(3)], [expected] * 3)

    def test_pidfd_of_a_known_peer(self) -> None:
        """The pidfd of a peer stays open, and no descriptor is added to it."""
        locator = self.locator()
        peer, _ = self.known()
        before = open_descriptors()
        for _ in range(100):
            locator.locate(peer)
        self.assertEqual(open_descriptors(), before)


class DiscerningLocatorContract(LocatorContract):
    """What every locator does that does not know just everybody."""

    @abstractmethod
    def stranger(self) -> Peer:
        """A peer that is in no instance, with an open pidfd."""

    def refuses(self, peer: Peer) -> str:
        """What a peer is told that is refused."""
        with self.assertRaises(NotInContainer) as caught:
            self.locator().locate(peer)
        return str(caught.exception)

    def test_stranger(self) -> None:
        """A peer that is in no instance is told so in LXD's words, and no more."""
        text = self.refuses(self.stranger())
        self.assertEqual(text, "Process ID not found in container")

    def test_nobody(self) -> None:
        """Who has no credentials is in no instance."""
        self.assertEqual(self.refuses(NOBODY), "Process ID not found in container")

    def test_ended(self) -> None:
        """A peer that had ended before it could be held is in no instance."""
        peer, _ = self.known()
        text = self.refuses(Peer(peer.pid, peer.uid, peer.gid, pidfd=None))
        self.assertEqual(text, "Process ID not found in container")

    def test_pidfd_of_a_stranger(self) -> None:
        """The pidfd of a stranger stays open, and no descriptor is added to it."""
        locator = self.locator()
        peer = self.stranger()
        before = open_descriptors()
        for _ in range(100):
            self.assertRaises(NotInContainer, locator.locate, peer)
        self.assertEqual(open_descriptors(), before)
