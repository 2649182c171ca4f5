"""Tests for `devlxd.identity.registry`."""

from __future__ import annotations

import os
import signal
import threading
import time
from errno import ENOSPC
from functools import partial
from pathlib import Path
from typing import cast

from attrs import frozen
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import (
    IReactorFDSet,
    IReactorTime,
    IReadDescriptor,
)
from twisted.internet.task import deferLater
from twisted.internet.testing import MemoryReactor
from twisted.trial.unittest import TestCase
from zope.interface import implementer
from zope.interface.verify import verifyObject

from devlxd.errors import BadRequest, NotInContainer
from devlxd.identity.credentials import peer_of
from devlxd.identity.kernel import IKernel, Linux
from devlxd.identity.namespaces import Namespaces
from devlxd.identity.registry import Registry
from devlxd.interfaces import ILocator, IRegistry
from devlxd.model.identity import Boot, Located, Peer
from devlxd.model.names import InstanceName
from devlxd.testing import locators
from devlxd.testing.locators import open_descriptors
from tests.identity import guests

C1 = InstanceName("default", "c1")
C2 = InstanceName("default", "c2")


END_UNWAITED = """
import ctypes, os, sys
assert ctypes.CDLL(None).unshare(0x20000000) == 0
pid = os.fork() or os._exit(0)
os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
print("ready", flush=True)
sys.stdin.read()
"""
"""The init process of a new pid namespace, which has ended."""


def nothing() -> None:
    """What is to be done when an instance ends."""


@implementer(IKernel)
@frozen
class Wasteless(Linux):
    """A kernel that gives the numbers of a pid namespace away at once."""

    def pid_namespace(self, pidfd: int) -> int:
        """One and the same, whatever the process."""
        os.close(super().pid_namespace(pidfd))
        return os.open("/proc/self/ns/uts", os.O_RDONLY | os.O_CLOEXEC)


class Blind(MemoryReactor):
    """A reactor that can watch nothing more."""

    def addReader(self, reader: IReadDescriptor) -> None:
        """As epoll_ctl(2) fails beyond ``max_user_watches``."""
        raise OSError(ENOSPC, os.strerror(ENOSPC))


class ContractTests(guests.RealProcesses, locators.DiscerningLocatorContract):
    """A registry is a locator."""

    def setUp(self) -> None:
        """Start a guest."""
        super().setUp()
        self.init = self.guest()

    def locator(self) -> ILocator:
        """One that knows the guest."""
        registry = Registry(Namespaces.here(), MemoryReactor())
        self.addCleanup(registry.close)
        registry.register(C1, self.init, nothing)
        return registry

    def known(self) -> tuple[Peer, Located]:
        """A process of that guest."""
        return self.held(self.inside(self.init)), Located(C1, 0)

    def stranger(self) -> Peer:
        """A process of the host."""
        return self.held(self.connected())

    def held(self, transport: guests.Transport) -> Peer:
        """The peer of a connection, until the test is over."""
        context = peer_of(transport)
        self.addCleanup(context.__exit__, None, None, None)
        return context.__enter__()


class RegistrationTests(guests.RealProcesses):
    """Only the init process of a pid namespace inside our own can be registered."""

    def setUp(self) -> None:
        """Make an empty registry."""
        super().setUp()
        self.reactor = MemoryReactor()
        self.registry = Registry(Namespaces.here(), self.reactor)
        self.addCleanup(self.registry.close)

    def refusal(self, pid: int, name: InstanceName = C1) -> str:
        """Why a process cannot be registered; that must not cost a descriptor."""
        before = open_descriptors()
        with self.assertRaises(BadRequest) as caught:
            self.registry.register(name, pid, nothing)
        self.assertEqual(open_descriptors(), before)
        return str(caught.exception)

    def test_role(self) -> None:
        """It is an `IRegistry`."""
        self.assertTrue(verifyObject(IRegistry, self.registry))

    def test_boot(self) -> None:
        """A boot is the same each time that it is looked at, and no other one's."""
        one, two = self.guest(), self.guest()
        first = self.registry.register(C1, one, nothing)
        self.assertEqual(first.pid, one)
        self.assertEqual(self.registry.register(C1, one, nothing), first)
        second = self.registry.register(C2, two, nothing)
        self.assertNotEqual(first.token, second.token)

    def test_boot_is_known_by_another_registry(self) -> None:
        """After a restart of the service, a boot is the one that it was."""
        one = self.guest()
        first = self.registry.register(C1, one, nothing)
        self.registry.close()
        later = Registry(Namespaces.here(), MemoryReactor())
        self.addCleanup(later.close)
        self.assertIsInstance(first, Boot)
        self.assertEqual(later.register(C1, one, nothing), first)

    def test_resumed(self) -> None:
        """A boot that lasts is taken up again by another registry, with its end."""
        one = self.guest()
        first = self.registry.register(C1, one, nothing)
        self.registry.close()
        later = Registry(Namespaces.here(), MemoryReactor())
        self.addCleanup(later.close)
        self.assertEqual(later.resume(C1, first.token, nothing), first)
        self.assertEqual(later.pid_of(C1), one)

    def test_not_resumed(self) -> None:
        """A boot of which the process is another one by now, or none, is refused."""
        one = self.guest()
        token = self.registry.register(C1, one, nothing).token
        self.registry.forget(C1)
        before = open_descriptors()
        for other in (f"{token}0", f"{'0' * 36}{token[36:]}", "nonsense", ""):
            resume = self.registry.resume
            self.assertRaises(BadRequest, resume, C1, other, nothing)
        self.kill(one)
        self.assertRaises(BadRequest, self.registry.resume, C1, token, nothing)
        self.assertEqual(open_descriptors(), before)
        self.assertEqual(list(self.registry.running()), [])

    def test_no_process(self) -> None:
        """A number that no process has is refused."""
        program = guests.Program.start(*guests.SLEEP)
        program.end()
        self.assertEqual(
            self.refusal(program.pid),
            f"Process {program.pid} cannot be examined: No such process",
        )

    def test_no_number_of_a_process(self) -> None:
        """A number that no process can have is refused."""
        for pid in (0, -1, 2**31 - 1, 2**31, 2**70):
            self.assertIn(f"Process {pid} cannot be examined", self.refusal(pid))

    def test_thread(self) -> None:
        """The number of a thread that is not a process is refused."""
        done = threading.Event()
        thread = threading.Thread(target=done.wait)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(done.set)
        self.assertIn("cannot be examined", self.refusal(thread.native_id or 0))

    def test_own_namespace(self) -> None:
        """A process in our own pid namespace is refused, and we are one, too."""
        program = self.start(*guests.SLEEP)
        for pid in (program.pid, os.getpid()):
            self.assertEqual(
                self.refusal(pid), f"Process {pid} is in our own pid namespace"
            )

    def test_not_init(self) -> None:
        """A process that may end before its namespace does is refused."""
        entered = self.start(*guests.into(self.guest()), *guests.SLEEP).child()
        self.assertEqual(
            self.refusal(entered),
            f"Process {entered} is not the init of its pid namespace",
        )

    def test_ended(self) -> None:
        """A process that has ended, but was not waited for yet, is refused."""
        zombie = self.start(*guests.PYTHON, END_UNWAITED).child()
        self.assertIn("cannot be examined", self.refusal(zombie))

    def test_taken(self) -> None:
        """A process that is an instance already cannot be another one."""
        one = self.guest()
        self.registry.register(C1, one, nothing)
        self.assertEqual(
            self.refusal(one, C2), f"Process {one} is the init of default/c1"
        )
        self.assertEqual(list(self.registry.running()), [C1])

    def test_failure_keeps_the_earlier_one(self) -> None:
        """An instance that cannot be registered anew is what it was."""
        one = self.guest()
        self.registry.register(C1, one, nothing)
        self.refusal(os.getpid())
        with peer_of(self.inside(one)) as peer:
            self.assertEqual(self.registry.locate(peer), Located(C1, 0))

    def test_forgotten(self) -> None:
        """An instance that is forgotten has no processes, and tells of no end."""
        over: list[InstanceName] = []
        one = self.guest()
        connection = self.inside(one)
        before = open_descriptors()
        self.registry.register(C1, one, partial(over.append, C1))
        self.registry.forget(C1)
        self.registry.forget(C1)
        self.assertEqual(open_descriptors(), before)
        with peer_of(connection) as peer:
            self.assertRaises(NotInContainer, self.registry.locate, peer)
        self.assertEqual((self.reactor.getReaders(), over), ([], []))
        self.registry.register(C2, one, nothing)
        self.assertEqual(list(self.registry.running()), [C2])

    def test_pid(self) -> None:
        """The pid of an instance's init is known while it lives."""
        one = self.guest()
        self.assertIs(self.registry.pid_of(C1), None)
        self.registry.register(C1, one, nothing)
        self.assertEqual(self.registry.pid_of(C1), one)
        os.kill(one, signal.SIGKILL)
        while self.registry.pid_of(C1) is not None:
            time.sleep(0.01)

    def test_not_watched(self) -> None:
        """A process that the reactor cannot watch is refused."""
        self.registry = Registry(Namespaces.here(), Blind())
        self.assertIn("No space left on device", self.refusal(self.guest()))
        self.assertEqual(list(self.registry.running()), [])

    def test_close(self) -> None:
        """A closed registry knows nobody, holds nothing and tells of no end."""
        over: list[InstanceName] = []
        one, two = self.guest(), self.guest()
        before = open_descriptors()
        self.registry.register(C1, one, partial(over.append, C1))
        self.registry.register(C2, two, partial(over.append, C2))
        self.assertEqual(open_descriptors(), before + 2)
        self.registry.close()
        self.registry.close()
        self.assertEqual(open_descriptors(), before)
        self.assertEqual(list(self.registry.running()), [])
        self.assertEqual((self.reactor.getReaders(), over), ([], []))


class LateNewsTests(guests.RealProcesses):
    """The reactor may tell of an end after the numbers were given away."""

    def test_numbers_given_away(self) -> None:
        """
        An instance that has got the numbers of an ended one is not taken for it, may
        be registered, and hears nothing of the end of the other one.
        """
        own = Namespaces.here().own
        core = MemoryReactor()
        registry = Registry(Namespaces(Wasteless(), Path("/proc"), own), core)
        self.addCleanup(registry.close)
        over: list[InstanceName] = []
        one, two = self.guest(), self.guest()
        registry.register(C1, one, partial(over.append, C1))
        (earlier,) = core.getReaders()
        with peer_of(self.inside(one)) as peer:
            self.assertEqual(registry.locate(peer), Located(C1, 0))
        self.kill(one)
        with peer_of(self.inside(two)) as peer:
            self.assertRaises(NotInContainer, registry.locate, peer)
            registry.register(C2, two, partial(over.append, C2))
            self.assertEqual(registry.locate(peer), Located(C2, 0))
            self.assertEqual(list(registry.running()), [C2])
            earlier.doRead()
            self.assertEqual(registry.locate(peer), Located(C2, 0))
        self.assertEqual(over, [C1])


class ReactorTests(guests.RealProcesses, TestCase):
    """A reactor tells of the end of an instance."""

    def setUp(self) -> None:
        """Make a registry with the reactor that runs."""
        super().setUp()
        self.registry = Registry(Namespaces.here(), cast(IReactorFDSet, reactor))
        self.addCleanup(self.registry.close)

    async def test_end(self) -> None:
        """It is told once, when the instance is not running any more."""
        one = self.guest()
        over: Deferred[list[InstanceName]] = Deferred()
        self.registry.register(
            C1, one, lambda: over.callback(list(self.registry.running()))
        )
        self.kill(one)
        self.assertEqual(await over, [])
        await deferLater(cast(IReactorTime, reactor), 0, nothing)

    async def test_failure(self) -> None:
        """Who fails to act on an end disturbs no other; that is logged."""
        one, two = self.guest(), self.guest()
        over: Deferred[None] = Deferred()
        self.registry.register(C1, one, lambda: 1 / 0)
        self.registry.register(C2, two, lambda: over.callback(None))
        self.kill(one)
        self.kill(two)
        await over
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    async def test_registered_anew_at_the_end(self) -> None:
        """Who is told of an end may register the next boot at once."""
        one, two = self.guest(), self.guest()
        over: Deferred[Boot] = Deferred()
        self.registry.register(
            C1,
            one,
            lambda: over.callback(self.registry.register(C1, two, nothing)),
        )
        self.kill(one)
        self.assertEqual((await over).pid, two)
        self.assertEqual(list(self.registry.running()), [C1])
