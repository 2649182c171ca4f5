"""Tests for `devlxd.identity.watch`."""

from __future__ import annotations

import os
from subprocess import Popen

from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IReadDescriptor
from twisted.internet.testing import MemoryReactor
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from devlxd.identity.watch import Watch


class WatchTests(SynchronousTestCase):
    """A watch hears of the end of a process."""

    def setUp(self) -> None:
        """Watch a process."""
        self.process = Popen(["sleep", "1000"])
        self.addCleanup(self.process.wait)
        self.addCleanup(self.process.kill)
        self.pidfd = os.pidfd_open(self.process.pid)
        self.addCleanup(os.close, self.pidfd)
        self.reactor = MemoryReactor()
        self.over: list[str] = []
        self.watch = Watch(self.pidfd, self.reactor, lambda: self.over.append("over"))
        self.watch.start()

    def test_role(self) -> None:
        """It is what a reactor watches, by the pidfd."""
        self.assertTrue(verifyObject(IReadDescriptor, self.watch))
        self.assertEqual(self.watch.fileno(), self.pidfd)
        self.assertEqual(self.watch.logPrefix(), "Watch")

    def test_end(self) -> None:
        """When the process has ended, that is told."""
        self.process.kill()
        self.process.wait()
        self.watch.doRead()
        self.assertEqual(self.over, ["over"])

    def test_false_news(self) -> None:
        """While the process lives, it has not ended, whatever the reactor says."""
        self.watch.doRead()
        self.assertEqual(self.over, [])

    def test_end_of_the_reactor(self) -> None:
        """The reactor's end is not that of the process."""
        self.watch.connectionLost(Failure(ConnectionDone()))
        self.assertEqual(self.over, [])

    def test_stop(self) -> None:
        """Once it is stopped, the reactor does not know it any more."""
        self.assertEqual(self.reactor.getReaders(), [self.watch])
        self.watch.stop()
        self.assertEqual(self.reactor.getReaders(), [])
