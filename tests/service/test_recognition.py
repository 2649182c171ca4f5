"""Callers are recognised by the instances' processes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from twisted.internet.defer import Deferred
from twisted.internet.testing import MemoryReactor
from twisted.logger import LogEvent, LogLevel, capturedLogs, formatEvent
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from devlxd.errors import NotInContainer
from devlxd.host.registration import Registration
from devlxd.identity.credentials import peer_of
from devlxd.identity.discovery import Discovery
from devlxd.identity.namespaces import Namespaces
from devlxd.identity.registry import Registry
from devlxd.identity.runtimes.lxc import LXC
from devlxd.identity.runtimes.naming import Naming
from devlxd.interfaces import ILocator
from devlxd.model.identity import Peer
from devlxd.model.instance import Instance
from devlxd.model.names import InstanceName
from devlxd.service.atonce import at_once
from devlxd.service.readfile import ReadFile
from devlxd.service.recognition import Recognition
from devlxd.stores.memory import Memory
from devlxd.stores.store import Store
from devlxd.testing.locators import open_descriptors
from tests.identity.guests import RealProcesses
from tests.identity.supervisors import PATH, TITLE, Supervised
from tests.stores.parts import uuids

C1 = InstanceName("default", "c1")
FILE = Path("/etc/devlxd.yaml")


class Subject:
    """A `Recognition` and what it is made of, with one instance, `C1`."""

    def __init__(
        self, init: int | None = None, sees_all: bool = True, finds: bool = False
    ) -> None:
        """
        :param init: what the file says the instance's init process is; without it,
            there is no file.
        :param sees_all: whether the service may look into all processes.
        :param finds: whether LXC's containers are found.
        """
        self.instances = instances = Store(Memory(), uuids()).instances
        instances.create(Instance(C1))
        self.reactor = MemoryReactor()
        namespaces = Namespaces.here()
        self.registry = Registry(namespaces, self.reactor)
        registration = Registration(self.registry, instances)
        file = None if init is None else stating(init)
        discovery = Discovery(
            self.registry, namespaces, [LXC([PATH])], Naming(), registration.found
        )
        self.recognition = Recognition(
            self.registry,
            registration,
            file,
            lambda: sees_all,
            discovery if finds else None,
        )

    def restart(self) -> list[str]:
        """Stop it and start it again, as another process would; what that warns of."""
        self.recognition.stopService()
        return self.start()

    def start(self) -> list[str]:
        """Start it; what it warns of."""
        with capturedLogs() as events:
            self.recognition.startService()
        return _warnings(events)

    def follow(self, file: ReadFile) -> list[str]:
        """Have it follow an edit; what it warns of."""
        with capturedLogs() as events:
            at_once(Deferred.fromCoroutine(self.recognition.follow(file)))
        return _warnings(events)


def stating(init: int | None) -> ReadFile:
    """A file that says what the init process of `C1` is, or says nothing."""
    text = "" if init is None else f"instances:\n  c1:\n    init: {init}"
    return ReadFile.of(FILE, text.encode())


def _warnings(events: Sequence[LogEvent]) -> list[str]:
    return [formatEvent(e) for e in events if e["log_level"] is LogLevel.warn]


class RecognitionTests(SynchronousTestCase):
    """`Recognition` holds the registry of instances."""

    def test_locator(self) -> None:
        """Its locator knows nobody who was not registered."""
        locator = Subject().recognition.locator
        verifyObject(ILocator, locator)
        self.assertRaises(NotInContainer, locator.locate, Peer(os.getpid(), 0, 0))

    def test_root(self) -> None:
        """As root there is nothing to warn of."""
        self.assertEqual(Subject(sees_all=True).start(), [])

    def test_not_root(self) -> None:
        """Without root it says what it can recognise."""
        self.assertEqual(
            Subject(sees_all=False).start(),
            [
                "Without root only this user's own (rootless) containers are known; "
                "--assume takes every caller for one instance"
            ],
        )

    def test_unfit(self) -> None:
        """A file that names a process which is no init only makes a warning."""
        (warning,) = Subject(os.getpid()).start()
        self.assertIn("/etc/devlxd.yaml:3: default/c1 is not registered: ", warning)


class RegisteredTests(RealProcesses):
    """`Recognition` with a process in a pid namespace of its own."""

    def test_registered(self) -> None:
        """An instance that the file says runs is known from the start to the end."""
        subject = Subject(self.guest())
        before = open_descriptors()
        self.assertEqual(subject.start(), [])
        self.assertEqual(list(subject.registry.running()), [C1])
        subject.recognition.stopService()
        self.assertEqual(list(subject.registry.running()), [])
        self.assertEqual(subject.reactor.getReaders(), [])
        self.assertEqual(open_descriptors(), before)

    def test_edited(self) -> None:
        """
        An edit that says anew which process an instance is has it registered; one that
        says the same does not, nor does one that says nothing end what is.
        """
        one, two = self.guest(), self.guest()
        subject = Subject(one)
        subject.start()
        self.addCleanup(subject.recognition.stopService)
        self.assertEqual(subject.follow(stating(None)), [])
        self.assertEqual(list(subject.registry.running()), [C1])
        self.assertEqual(subject.follow(stating(two)), [])
        self.kill(two)
        for reader in subject.reactor.getReaders():
            reader.doRead()
        self.assertEqual(subject.follow(stating(two)), [])
        self.assertEqual(list(subject.registry.running()), [])
        (warning,) = subject.follow(stating(os.getpid()))
        self.assertIn("/etc/devlxd.yaml:3: default/c1 is not registered: ", warning)

    def test_first_file(self) -> None:
        """Where there was no file, all that one says is new."""
        subject = Subject()
        subject.start()
        self.addCleanup(subject.recognition.stopService)
        self.assertEqual(subject.follow(stating(self.guest())), [])
        self.assertEqual(list(subject.registry.running()), [C1])

    def test_restarted(self) -> None:
        """An instance that an operator has registered is known after a restart."""
        subject = Subject()
        subject.start()
        self.addCleanup(subject.recognition.stopService)
        registered = subject.recognition.runtime.register(C1, self.guest())
        at_once(Deferred.fromCoroutine(registered))
        self.assertEqual(subject.restart(), [])
        self.assertEqual(list(subject.registry.running()), [C1])

    def test_old_file(self) -> None:
        """A pid in the file that is another instance's by now is not taken for it."""
        init = self.guest()
        subject = Subject(init)
        self.addCleanup(subject.recognition.stopService)
        other = InstanceName("default", "c2")
        at_once(subject.instances.create(Instance(other)))
        registered = subject.recognition.runtime.register(other, init)
        at_once(Deferred.fromCoroutine(registered))
        (warning,) = subject.restart()
        self.assertIn(f"Process {init} is the init of default/c2", warning)
        self.assertEqual(list(subject.registry.running()), [other])


class FoundTests(Supervised):
    """`Recognition` that finds containers."""

    def subject(self, init: int | None = None) -> Subject:
        """One that has started, until the test is over."""
        subject = Subject(init, finds=True)
        self.assertEqual(subject.start(), [])
        self.addCleanup(subject.recognition.stopService)
        return subject

    def test_running(self) -> None:
        """A container that runs when the service starts is known from the start."""
        init = self.supervisor(TITLE).child()
        self.assertEqual(self.subject().registry.pid_of(C1), init)

    def test_asking(self) -> None:
        """One that starts later is known when it asks, and runs until it ends."""
        subject = self.subject()
        init = self.supervisor(TITLE).child()
        with peer_of(self.inside(init)) as peer:
            self.assertEqual(subject.recognition.locator.locate(peer).name, C1)
        self.assertTrue(subject.recognition.runtime.runs(C1))
        self.kill(init)
        for reader in subject.reactor.getReaders():
            reader.doRead()
        self.assertFalse(subject.recognition.runtime.runs(C1))

    def test_stated(self) -> None:
        """What the file says of an instance is believed before any runtime."""
        self.supervisor(TITLE)
        stated = self.guest()
        self.assertEqual(self.subject(stated).registry.pid_of(C1), stated)
