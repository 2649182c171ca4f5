"""Tests of what happens when ``/proc`` is not as it should be."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import ClassVar

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.testing import MemoryReactor

from devlxd.errors import BadRequest, NotInContainer
from devlxd.identity.credentials import peer_of
from devlxd.identity.kernel import IKernel, Linux, Linux65
from devlxd.identity.namespaces import Namespaces
from devlxd.identity.registry import Registry
from devlxd.model.identity import Located, Peer
from devlxd.model.names import InstanceName
from devlxd.testing.locators import open_descriptors
from tests.identity import guests

C1 = InstanceName("default", "c1")
BOOT_ID = "sys/kernel/random/boot_id"
LESS = settings(deadline=None, max_examples=50)

GARBAGE = st.binary(max_size=300) | st.text("0123456789 -\t\n()NSpid:R").map(str.encode)

# What garbage may be by chance.
ROOT = re.compile(rb"^[ \t]*0+[ \t]+\d+[ \t]+\d", re.MULTILINE)


def nothing() -> None:
    """What is to be done when an instance ends."""


class OddProc(guests.RealProcesses):
    """A guest, and a copy of ``/proc`` that can be spoilt."""

    def setUp(self) -> None:
        """Start a guest, let a process of it connect, and copy what is read of it."""
        super().setUp()
        self.init = self.guest()
        self.peer = self.held(self.inside(self.init))
        self.proc = self.directory()
        (self.proc / "self").symlink_to(str(os.getpid()))
        for file in ("status", "stat", "uid_map"):
            self.copy(f"{self.init}/{file}")
        self.copy(BOOT_ID)
        for pid in (self.init, os.getpid()):
            self.write(f"{pid}/ns/user", b"")
            self.point(f"{pid}/ns/user", Path(f"/proc/{pid}/ns/user"))

    def held(self, transport: guests.Transport) -> Peer:
        """The peer of a connection, until the test is over."""
        context = peer_of(transport)
        self.addCleanup(context.__exit__, None, None, None)
        return context.__enter__()

    def copy(self, file: str) -> None:
        """Copy a file of the real one."""
        self.write(file, Path("/proc", file).read_bytes())

    def write(self, file: str, text: bytes) -> None:
        """Replace a file."""
        path = self.proc / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)

    def point(self, file: str, target: Path) -> None:
        """Replace a file by a link."""
        (self.proc / file).unlink()
        (self.proc / file).symlink_to(target)

    def registry(self, kernel: IKernel) -> Registry:
        """A registry that reads the copy."""
        own = Namespaces.here().own
        return Registry(Namespaces(kernel, self.proc, own), MemoryReactor())

    def assertUnfit(self, kernel: IKernel) -> None:
        """Fail unless the guest is refused, at the cost of no descriptor."""
        registry = self.registry(kernel)
        before = open_descriptors()
        with self.assertRaisesRegex(BadRequest, rf"^Process {self.init} "):
            registry.register(C1, self.init, nothing)
        self.assertEqual(open_descriptors(), before)

    def assertNotLocated(self) -> None:
        """Fail unless the process of the guest is refused, at no cost, either."""
        registry = self.registry(Linux())
        registry.register(C1, self.init, nothing)
        self.addCleanup(registry.close)
        before = open_descriptors()
        self.assertRaises(NotInContainer, registry.locate, self.peer)
        self.assertEqual(open_descriptors(), before)


class RegistrationTests(OddProc):
    """A process that cannot be examined is not registered."""

    files: ClassVar[list[str]] = ["{}/status", "{}/stat", BOOT_ID]

    def test_copy(self) -> None:
        """The copy is as good as the original."""
        registry = self.registry(Linux())
        registry.register(C1, self.init, nothing)
        self.addCleanup(registry.close)
        self.assertEqual(registry.locate(self.peer), Located(C1, 0))

    def test_missing(self) -> None:
        """What is not there is not made up."""
        for file in self.files:
            (self.proc / file.format(self.init)).unlink()
            self.assertUnfit(Linux())
            self.copy(file.format(self.init))

    def test_directory(self) -> None:
        """A directory is not a file."""
        for file in self.files:
            path = self.proc / file.format(self.init)
            path.unlink()
            path.mkdir()
            self.assertUnfit(Linux())
            path.rmdir()
            self.copy(file.format(self.init))

    def test_endless(self) -> None:
        """A file without an end is not read for ever."""
        self.point(f"{self.init}/status", Path("/dev/zero"))
        self.assertUnfit(Linux())

    @given(st.sampled_from(["{}/status", "{}/stat", BOOT_ID]), GARBAGE)
    @LESS
    def test_garbage(self, file: str, text: bytes) -> None:
        """Garbage is not read as anything."""
        self.write(file.format(self.init), text)
        self.assertUnfit(Linux())
        self.copy(file.format(self.init))

    @given(GARBAGE)
    @LESS
    def test_namespace(self, text: bytes) -> None:
        """Where ``/proc`` must tell the namespace, a plain file is none."""
        self.write(f"{self.init}/ns/pid", text)
        self.assertUnfit(Linux65())

    def test_no_namespace(self) -> None:
        """Nor is one that is not there."""
        self.assertUnfit(Linux65())


class RootTests(OddProc):
    """Nobody speaks for an instance whose root cannot be told."""

    def test_no_map(self) -> None:
        """Without a map there is no root."""
        (self.proc / f"{self.init}/uid_map").unlink()
        self.assertNotLocated()

    def test_no_user_namespace(self) -> None:
        """Without a user namespace there is no root."""
        (self.proc / f"{self.init}/ns/user").unlink()
        self.assertNotLocated()

    @given(GARBAGE.filter(lambda text: ROOT.search(text) is None))
    @LESS
    def test_garbage(self, text: bytes) -> None:
        """Garbage is no map, even that of somebody else's user namespace."""
        self.point(f"{self.init}/ns/user", Path("/proc/self/ns/uts"))
        self.write(f"{self.init}/uid_map", text)
        self.assertNotLocated()


class EmptyProcTests(OddProc):
    """Once an instance is known, ``/proc`` is not read for it any more."""

    def test_not_read(self) -> None:
        """A peer is recognised without any ``/proc``, once its root is known."""
        registry = self.registry(Linux())
        registry.register(C1, self.init, nothing)
        self.addCleanup(registry.close)
        first = registry.locate(self.peer)
        shutil.rmtree(self.proc / str(self.init))
        self.assertIs(registry.locate(self.peer), first)
