"""Tests for `devlxd.identity.inits`."""

from __future__ import annotations

import os
from pathlib import Path

from attrs import frozen

from devlxd.identity.inits import Inits
from devlxd.identity.kernel import IKernel, Linux, Linux53, Linux65
from devlxd.identity.namespaces import Namespaces
from devlxd.identity.processes import Process
from devlxd.testing.locators import open_descriptors
from tests.identity import guests
from tests.identity.guests import SLEEP, UNSHARE, into

KERNELS: tuple[IKernel, ...] = (Linux(), Linux65(), Linux53())
PROC = Path("/proc")


@frozen
class Mistaken(Linux):
    """A kernel that has given the number of an init away when it tells it."""

    pid: int

    def first_process(self, namespace: int) -> int:
        """The number is another's by now."""
        return self.pid


class InitsTests(guests.RealProcesses):
    """The init of a container is found from any process in it."""

    def init_of(self, pid: int, kernel: IKernel, proc: Path = PROC) -> int:
        """The pid of the init that is found; that must not cost a descriptor."""
        namespaces = Namespaces(kernel, proc, Namespaces.here().own)
        process = Process(pid, os.pidfd_open(pid), proc)
        before = open_descriptors()
        try:
            with (
                namespaces.outermost(pid, process.pidfd) as descriptor,
                Inits(namespaces).of(process, descriptor) as init,
            ):
                return init.pid
        finally:
            self.assertEqual(open_descriptors(), before)
            os.close(process.pidfd)

    def assertInit(self, init: int, pid: int) -> None:
        """Fail unless each kernel leads from a process to an init."""
        for kernel in KERNELS:
            self.assertEqual(self.init_of(pid, kernel), init, kernel)

    def test_init(self) -> None:
        """An init is its own."""
        init = self.guest()
        self.assertInit(init, init)

    def test_descendant(self) -> None:
        """A process that an init has started is followed back to it."""
        program = self.start(*UNSHARE, "sh", "-c", "sh -c 'echo ready; exec cat'; :")
        self.assertInit(program.child(), program.child(2))

    def test_nested(self) -> None:
        """From a pid namespace inside the outermost init is found."""
        program = self.start(*UNSHARE, *UNSHARE, *UNSHARE, *SLEEP)
        self.assertInit(program.child(), program.child(3))

    def test_run_from_outside(self) -> None:
        """A process that was run into a container is no descendant of its init."""
        init = self.guest()
        self.guest()
        entered = self.start(*into(init), *UNSHARE, *SLEEP)
        self.assertInit(init, entered.child())
        self.assertInit(init, entered.child(2))

    def test_host(self) -> None:
        """A process that is in no container has no init to be found."""
        for kernel in KERNELS:
            with self.assertRaises(OSError):
                self.init_of(self.start(*SLEEP).pid, kernel)

    def test_given_away(self) -> None:
        """Whoever has the number of an init that has ended is not taken for it."""
        one, two = self.guest(), self.guest()
        entered = self.start(*into(one), *SLEEP).child()
        for pid in (two, entered, os.getpid()):
            with self.assertRaisesRegex(OSError, "its init has ended"):
                self.init_of(one, Mistaken(pid))

    def test_not_told(self) -> None:
        """What the kernel refuses for another reason is not searched for."""
        init = self.guest()

        class Refusing(Linux):
            def first_process(self, namespace: int) -> int:
                raise PermissionError(1, "no")

        with self.assertRaises(PermissionError):
            self.init_of(init, Refusing())

    def test_not_found(self) -> None:
        """A ``/proc`` in which nothing leads to an init leads to none."""
        init = self.guest()
        entered = self.start(*into(init), *SLEEP).child()
        proc = self.directory()
        for pid in (init, entered):
            (proc / str(pid)).mkdir()
            (proc / str(pid) / "ns").symlink_to(f"/proc/{pid}/ns")
        (proc / "4").mkdir()
        (proc / "uptime").write_text("1\n")
        (proc / str(entered) / "status").write_text(f"PPid:\t{entered}\nNSpid:\t5\t2\n")
        with self.assertRaisesRegex(OSError, "its init was not found"):
            self.init_of(entered, Linux65(), proc)

    def test_all(self) -> None:
        """All inits are found that are right inside our own namespace."""
        one, two = self.guest(), self.start(*UNSHARE, *UNSHARE, *SLEEP).child()
        self.start(*into(one), *SLEEP)
        for kernel in KERNELS:
            inits = Inits(Namespaces.here(kernel))
            before = open_descriptors()
            found = [init.pid for init in inits.all()]
            self.assertEqual(open_descriptors(), before)
            self.assertEqual(len(found), len(set(found)))
            ours = [pid for pid in found if pid in self.below(os.getpid())]
            self.assertEqual(sorted(ours), sorted([one, two]))

    def below(self, pid: int) -> set[int]:
        """All descendants of a process."""
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        children = set(map(int, text.split()))
        return children.union(*map(self.below, children))

    def test_all_odd(self) -> None:
        """What makes no sense in ``/proc`` is passed over."""
        proc = self.directory()
        init = self.guest()
        for pid in (init, 2**22 + 5):
            (proc / str(pid)).mkdir()
            (proc / str(pid) / "ns").symlink_to(f"/proc/{init}/ns")
        namespaces = Namespaces(Linux(), proc, Namespaces.here().own)
        self.assertEqual(list(Inits(namespaces).all()), [])
