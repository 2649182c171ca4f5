"""Tests of who asks."""

from __future__ import annotations

from typing import Any

from attrs.exceptions import FrozenInstanceError
from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from devlxd.model.identity import NOBODY, Boot, Located, Peer
from tests.model.worlds import C1

uids = st.integers(0, 2**32 - 1)


class LocatedTests(SynchronousTestCase):
    """Tests of `Located`."""

    @given(uids, uids)
    def test_root(self, root: int, uid: int) -> None:
        """A peer is root when its uid is that of the instance's root; its gid is no
        matter."""
        for gid in (0, root, uid):
            peer = Peer(pid=7, uid=uid, gid=gid)
            self.assertEqual(Located(C1, root).is_root(peer), uid == root)

    def test_everybody(self) -> None:
        """Without a root every peer may speak for the instance."""
        for peer in (NOBODY, Peer(1, 0, 0), Peer(7, 1000, 1000)):
            self.assertTrue(Located(C1, None).is_root(peer))

    @given(uids)
    def test_nobody(self, root: int) -> None:
        """The peer of a transport without credentials is nobody's root."""
        self.assertFalse(Located(C1, root).is_root(NOBODY))


class BootTests(SynchronousTestCase):
    """Tests of `Boot`."""

    def test_lives(self) -> None:
        """Two lives of one pid differ by their tokens."""
        self.assertEqual(Boot(7, "a"), Boot(7, "a"))
        self.assertNotEqual(Boot(7, "a"), Boot(7, "b"))

    def test_frozen(self) -> None:
        """Who asks cannot be changed while it is answered."""
        values: list[Any] = [NOBODY, Located(C1, 0), Boot(7, "a")]
        for value in values:
            with self.assertRaises(FrozenInstanceError):
                value.pid = 1
