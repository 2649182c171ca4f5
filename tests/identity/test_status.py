"""Tests for `devlxd.identity.status`."""

from __future__ import annotations

import os
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from devlxd.identity.status import is_root, numbers, parent

TEXT = b"Name:\tPPid: 7\nPPid:\t42\nUid:\t0\t0\t0\t0\nNSpid:\t77\t1\n"


class StatusTests(SynchronousTestCase):
    """A ``status`` file says who a process is."""

    def test_said(self) -> None:
        """The parent, the numbers and root are read; a name is only a name."""
        self.assertEqual(parent(TEXT), 42)
        self.assertEqual(numbers(TEXT), (77, 1))
        self.assertTrue(is_root(TEXT))

    def test_real(self) -> None:
        """The file of this process says what the system calls do."""
        text = Path("/proc/self/status").read_bytes()
        self.assertEqual(parent(text), os.getppid())
        self.assertEqual(numbers(text)[0], os.getpid())
        self.assertEqual(is_root(text), os.getresuid() == (0, 0, 0))

    def test_partly_root(self) -> None:
        """Who is root in one respect, but not in another, is not root."""
        for place in range(4):
            uids = [b"0"] * 4
            uids[place] = b"1000"
            self.assertFalse(is_root(b"Uid:\t" + b"\t".join(uids) + b"\n"))

    def test_not_said(self) -> None:
        """What does not say it is an error, and nobody is root by that."""
        for text in (b"", b"PPid:\t-1\nNSpid:\n", b"PPid:\tx\nNSpid: 1 x\n"):
            self.assertRaises(ValueError, parent, text)
            self.assertRaises(ValueError, numbers, text)
            self.assertFalse(is_root(text))
