"""Tests for `devlxd.identity.supervision`."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

from attrs import frozen

from devlxd.identity.kernel import Linux
from devlxd.identity.namespaces import Namespaces
from devlxd.identity.processes import Process
from devlxd.identity.runtimes.interface import Supervisor
from devlxd.identity.supervision import Supervision
from devlxd.testing.locators import open_descriptors
from tests.identity import supervisors
from tests.identity.guests import SLEEP, UNSHARE
from tests.identity.supervisors import TITLE


@frozen
class Fatal(Linux):
    """A kernel under which a process ends when it is looked at."""

    end: Callable[[int], object]

    def pidfd(self, pid: int) -> int:
        """It is opened just in time."""
        pidfd = super().pidfd(pid)
        self.end(pid)
        return pidfd


class SupervisionTests(supervisors.Supervised):
    """The parent of a container's init is believed if it is root, and only then."""

    def setUp(self) -> None:
        """Read the real ``/proc``."""
        super().setUp()
        self.namespaces = Namespaces.here()

    def supervisor_of(self, pid: int) -> Supervisor:
        """The supervisor of an init; that must not cost a descriptor."""
        init = self.namespaces.hold(pid)
        try:
            before = open_descriptors()
            try:
                return Supervision(self.namespaces).supervisor_of(init)
            finally:
                self.assertEqual(open_descriptors(), before)
        finally:
            os.close(init.pidfd)

    def assertDoubted(self, pid: int, reason: str) -> None:
        """Fail unless the parent of an init is not believed, for a reason."""
        with self.assertRaises(LookupError) as caught:
            self.supervisor_of(pid)
        self.assertEqual(str(caught.exception), reason)

    def test_root(self) -> None:
        """Root's process is told with its program and what it calls itself."""
        child = self.supervisor(TITLE).child()
        self.assertEqual(self.supervisor_of(child), Supervisor("python3", (TITLE,)))
        child = self.supervisor("conmon", "-n", "p1", program="conmon").child()
        self.assertEqual(
            self.supervisor_of(child), Supervisor("conmon", ("conmon", "-n", "p1"))
        )

    def test_upgraded(self) -> None:
        """A supervisor whose program was replaced since is the one that it was."""
        program = self.supervisor(program="conmon")
        Path(f"/proc/{program.pid}/exe").readlink().unlink()
        self.assertEqual(self.supervisor_of(program.child()).program, "conmon")

    def test_users_process(self) -> None:
        """A process of another user may call itself what it wants."""
        self.assertDoubted(
            self.supervisor(kinds="late", uid=1000).child(), "its parent is not root"
        )
        self.assertDoubted(
            self.supervisor(uid=1000, kinds="users early").child(),
            "its parent is not root",
        )

    def test_user_namespace(self) -> None:
        """So may who is in another user namespace, root or not."""
        self.assertDoubted(
            self.supervisor(kinds="users").child(),
            "its parent is in another user namespace",
        )

    def test_set_user_id(self) -> None:
        """Who was made root by a program was started by somebody else."""
        for mode in (0o4755, 0o2755):
            self.assertDoubted(
                self.supervisor(mode=mode).child(),
                "its parent got its rights from its program",
            )

    def test_no_command_line(self) -> None:
        """Who has emptied its command line, or has an endless one, says nothing."""
        self.assertDoubted(
            self.supervisor("").child(), "its parent has no command line"
        )
        endless = self.start(*UNSHARE, *SLEEP, "x" * 40000)
        self.assertDoubted(endless.child(), "its parent has no command line")

    def test_parent_in_a_container(self) -> None:
        """A parent that is in a container itself is not believed."""
        program = self.start(*UNSHARE, *UNSHARE, *SLEEP)
        self.assertDoubted(program.child(2), "its parent is in a container")

    def test_ended(self) -> None:
        """An init that has ended has no supervisor any more."""
        program = self.supervisor()
        pid = program.child()
        init = self.namespaces.hold(pid)
        self.addCleanup(os.close, init.pidfd)
        self.kill(pid)
        with self.assertRaises(OSError):
            Supervision(self.namespaces).supervisor_of(init)

    def test_parent_changed(self) -> None:
        """A parent that ends while it is looked up is not taken for its follower."""
        self.namespaces = Namespaces(
            Fatal(self.kill_unwaited), Path("/proc"), self.namespaces.own
        )
        program = self.supervisor()
        init = Process(program.child(), os.pidfd_open(program.child()), Path("/proc"))
        self.addCleanup(os.close, init.pidfd)
        with self.assertRaisesRegex(OSError, "its parent has ended"):
            Supervision(self.namespaces).supervisor_of(init)

    def kill_unwaited(self, pid: int) -> None:
        """End a process that will be waited for later."""
        os.kill(pid, signal.SIGKILL)
        # It is no parent any more once it is a zombie.
        while "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text():
            os.sched_yield()
