"""Tests for `devlxd.identity.assumed`."""

from __future__ import annotations

import os

from devlxd.identity.assumed import Assumed
from devlxd.interfaces import ILocator
from devlxd.model.identity import NOBODY, Located, Peer
from devlxd.model.names import InstanceName
from devlxd.testing import locators

C1 = InstanceName("default", "c1")


class AssumedTests(locators.LocatorContract):
    """Everybody is the assumed instance."""

    def locator(self) -> ILocator:
        """One that assumes an instance."""
        return Assumed(C1)

    def known(self) -> tuple[Peer, Located]:
        """This process."""
        pidfd = os.pidfd_open(os.getpid())
        self.addCleanup(os.close, pidfd)
        return Peer(os.getpid(), os.getuid(), os.getgid(), pidfd), Located(C1, None)

    def test_anybody(self) -> None:
        """Whoever it is, and of whatever uid, speaks for the instance."""
        for peer in (NOBODY, Peer(1, 1000, 1000)):
            self.assertTrue(self.locator().locate(peer).is_root(peer))
