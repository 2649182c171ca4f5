"""Tests for `devlxd.identity.namespaces`."""

from __future__ import annotations

import os
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from devlxd.identity.kernel import IKernel, Linux, Linux53, Linux65
from devlxd.identity.namespaces import Namespace, Namespaces
from devlxd.testing.locators import open_descriptors
from tests.identity import guests
from tests.identity.guests import SLEEP, UNSHARE

KERNELS: tuple[IKernel, ...] = (Linux(), Linux65(), Linux53())


def shown(pid: int) -> Namespace:
    """The pid namespace of a process, as ``/proc`` shows it."""
    status = Path(f"/proc/{pid}/ns/pid").stat()
    return Namespace(status.st_dev, status.st_ino)


class HereTests(SynchronousTestCase):
    """The service knows its own place."""

    def test_own(self) -> None:
        """Each kernel tells our own namespace alike."""
        before = open_descriptors()
        for kernel in KERNELS:
            own = Namespaces.here(kernel).own
            self.assertEqual(own, shown(os.getpid()))
        self.assertEqual(open_descriptors(), before)

    def test_proc_of_another_namespace(self) -> None:
        """A ``/proc`` with other numbers than ours is not used."""
        proc = Path(self.mktemp())
        proc.mkdir()
        (proc / "self").symlink_to("1")
        with self.assertRaisesRegex(ValueError, "does not show the pid namespace"):
            Namespaces.here(proc=proc)

    def test_no_proc(self) -> None:
        """Without any ``/proc`` there is no service."""
        self.assertRaises(OSError, Namespaces.here, proc=Path(self.mktemp()))

    def test_blind_kernel(self) -> None:
        """Where our own namespace cannot be told there is no service."""
        proc = Path(self.mktemp())
        proc.mkdir()
        (proc / "self").symlink_to(str(os.getpid()))
        before = open_descriptors()
        self.assertRaises(OSError, Namespaces.here, Linux53(), proc)
        self.assertEqual(open_descriptors(), before)


class OutwardTests(guests.RealProcesses):
    """The namespaces of a process are told from the inside outwards."""

    def chain(self, kernel: IKernel, pid: int) -> list[Namespace]:
        """All namespaces of a process; that must not cost a descriptor."""
        namespaces = Namespaces.here(kernel)
        pidfd = os.pidfd_open(pid)
        self.addCleanup(os.close, pidfd)
        before = open_descriptors()
        chain = list(namespaces.outward(pid, pidfd))
        self.assertEqual(open_descriptors(), before)
        return chain

    def test_nested(self) -> None:
        """The innermost comes first, and our own does not come."""
        program = self.start(*UNSHARE, *UNSHARE, *UNSHARE, *SLEEP)
        one, two, three = (program.child(depth) for depth in (1, 2, 3))
        for kernel in KERNELS:
            self.assertEqual(
                self.chain(kernel, three), [shown(three), shown(two), shown(one)]
            )
            self.assertEqual(self.chain(kernel, one), [shown(one)])

    def test_own(self) -> None:
        """A process in our own namespace is in none inside it."""
        for kernel in KERNELS:
            self.assertEqual(self.chain(kernel, self.start(*SLEEP).pid), [])

    def test_innermost(self) -> None:
        """The innermost alone can be asked for."""
        namespaces = Namespaces.here()
        for pid, expected in ((one := self.guest(), shown(one)), (os.getpid(), None)):
            process = namespaces.hold(pid)
            self.addCleanup(os.close, process.pidfd)
            self.assertEqual(namespaces.innermost(process), expected)

    def test_abandoned(self) -> None:
        """A walk that is not finished leaves nothing open once it is closed."""
        pid = self.start(*UNSHARE, *UNSHARE, *SLEEP).child(2)
        namespaces = Namespaces.here()
        process = namespaces.hold(pid)
        self.addCleanup(os.close, process.pidfd)
        before = open_descriptors()
        walk = namespaces.outward(process.pid, process.pidfd)
        self.assertEqual(next(walk), shown(pid))
        self.assertEqual(open_descriptors(), before + 1)
        walk.close()
        self.assertEqual(open_descriptors(), before)


class OutermostTests(guests.RealProcesses):
    """The namespace that a container as a whole has."""

    def test_nested(self) -> None:
        """It is that right inside our own, for all processes in or below it."""
        program = self.start(*UNSHARE, *UNSHARE, *SLEEP)
        one, two = program.child(), program.child(2)
        for kernel in KERNELS:
            namespaces = Namespaces.here(kernel)
            before = open_descriptors()
            for pid in (one, two):
                pidfd = os.pidfd_open(pid)
                with namespaces.outermost(pid, pidfd) as descriptor:
                    self.assertEqual(Namespace.of(descriptor), shown(one))
                os.close(pidfd)
            self.assertEqual(open_descriptors(), before)

    def test_own(self) -> None:
        """A process in our own namespace has none."""
        pidfd = os.pidfd_open(os.getpid())
        self.addCleanup(os.close, pidfd)
        before = open_descriptors()
        for kernel in KERNELS:
            with (
                self.assertRaises(OSError),
                Namespaces.here(kernel).outermost(os.getpid(), pidfd),
            ):
                pass
        self.assertEqual(open_descriptors(), before)

    def test_maker(self) -> None:
        """It is root's when root has made it, or the user namespace that has it."""
        user = ("setpriv", "--reuid=1000", "--clear-groups")
        for prefix, expected in {
            UNSHARE: True,
            (*UNSHARE, "--user"): True,
            (*user, *UNSHARE, "--user", "--map-root-user"): False,
        }.items():
            pid = self.start(*prefix, *SLEEP).child()
            before = open_descriptors()
            self.assertIs(self.made_by_root(pid), expected)
            self.assertEqual(open_descriptors(), before)

    def made_by_root(self, pid: int) -> bool:
        """Whether root has made the pid namespace of a process."""
        namespaces = Namespaces.here()
        pidfd = os.pidfd_open(pid)
        try:
            with namespaces.outermost(pid, pidfd) as descriptor:
                return namespaces.made_by_root(descriptor)
        finally:
            os.close(pidfd)
