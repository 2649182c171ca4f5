"""Tests for `devlxd.identity.processes`."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from subprocess import Popen

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from devlxd.identity.processes import (
    Process,
    lives,
    own_pid_of_namespace,
    root_of_map,
    start_time,
)
from devlxd.testing.locators import open_descriptors

NUMBERS = "0 20 0 1 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0"
"""Fields 4 to 21 of ``/proc/<pid>/stat``."""


def stat(name: bytes) -> bytes:
    """A ``/proc/<pid>/stat`` of a process that started at 4711."""
    return b"12 (%s) S %s 4711 9 9 9\n" % (name, NUMBERS.encode())


class TextTests(SynchronousTestCase):
    """What is read of ``/proc``, and what is not."""

    def test_own_pid(self) -> None:
        """The last number is the one in the process's own namespace."""
        for line, pid in (
            (b"NSpid:\t12", 12),
            (b"NSpid:\t4287\t1", 1),
            (b"NSpid:\t4194304\t77\t5", 5),
        ):
            status = b"Name:\tNSpid:\\n\nTgid:\t9\n%s\nNSpgid:\t3\n" % line
            self.assertEqual(own_pid_of_namespace(status), pid)

    def test_no_own_pid(self) -> None:
        """What gives no number in a line of its own gives none at all."""
        for status in (
            b"",
            b"NSpid:",
            b"NSpid:\t\n1\n",
            b"NSpid:\t1x\n",
            b"NSpid:\t-1\n",
            b" NSpid:\t1\n",
            b"Name:\tNSpid:\t1\n",
            b"NSpid:\t99999999999\n",
        ):
            self.assertRaises(ValueError, own_pid_of_namespace, status)

    def test_start_time(self) -> None:
        """Whatever a process calls itself, its start time is told."""
        for name in (
            b"init",
            b"",
            b")",
            b"(((",
            b") R 1 2 3",
            b"a) S " + NUMBERS.encode() + b" 1 (b",
            b"\n) \n",
            b"\xff\x00",
        ):
            self.assertEqual(start_time(stat(name)), 4711)

    def test_no_start_time(self) -> None:
        """What has not all the fields before it has no start time."""
        for text in (
            b"",
            b"12",
            b"12 (init) S 1 2 3 4711",
            b"12 (init) S " + NUMBERS.encode() + b" -4711 9",
            b"12 (init) S " + NUMBERS.encode() + b" 47",
            b"x (init) S " + NUMBERS.encode() + b" 4711 9",
        ):
            self.assertRaises(ValueError, start_time, text)

    def test_root(self) -> None:
        """Root is what uid 0 is mapped to, in whatever line."""
        for uid_map, uid in (
            (b"         0          0 4294967295\n", 0),
            (b"0 100000 65536\n", 100000),
            (b"1 100001 9\n0 1000 1\n", 1000),
            (b"\t0\t4294967294\t1", 4294967294),
        ):
            self.assertEqual(root_of_map(uid_map), uid)

    def test_no_root(self) -> None:
        """There is no root where uid 0 is mapped to nothing."""
        for uid_map in (b"", b"1 100001 9\n", b"0 4294967295 1\n", b"0 100000 0\n"):
            self.assertIs(root_of_map(uid_map), None)

    def test_no_map(self) -> None:
        """What is no map is not read as one."""
        for text in (b"0 0\n", b"0 0 x\n", b"\n", b"-0 0 1", b"0 1 2 3", b"0 -1 1"):
            self.assertRaises(ValueError, root_of_map, text)

    @given(st.binary() | st.text("NSpid:\t\n 0123456789()-").map(str.encode))
    @settings(deadline=None)
    def test_anything(self, text: bytes) -> None:
        """Any bytes at all give a number that can be meant, or `ValueError`."""
        reading: Callable[[bytes], int | None]
        for reading in (own_pid_of_namespace, start_time, root_of_map):
            try:
                number = reading(text)
            except ValueError:
                continue
            self.assertTrue(number is None or 0 <= number < 10**20)


class ProcessTests(SynchronousTestCase):
    """What is read of a process is of that very process."""

    def setUp(self) -> None:
        """Hold a process."""
        self.child = Popen(["sleep", "1000"])
        self.addCleanup(self.child.wait)
        self.addCleanup(self.child.kill)
        self.process = self.hold(self.child.pid)

    def hold(self, pid: int, number: int | None = None) -> Process:
        """A process by its pidfd, with another number than its own if need be."""
        pidfd = os.pidfd_open(pid)
        self.addCleanup(os.close, pidfd)
        return Process(number or pid, pidfd, Path("/proc"))

    def end(self) -> None:
        """End the process and wait for it."""
        self.child.kill()
        self.child.wait()

    def test_lives(self) -> None:
        """A process lives until it has ended, be it waited for or not."""
        self.assertTrue(lives(self.process.pidfd))
        self.child.kill()
        os.waitid(os.P_PID, self.child.pid, os.WEXITED | os.WNOWAIT)
        self.assertFalse(lives(self.process.pidfd))
        self.child.wait()
        self.assertFalse(lives(self.process.pidfd))

    def test_read(self) -> None:
        """The files of a process that lives are read."""
        self.assertEqual(
            own_pid_of_namespace(self.process.read("status")), self.process.pid
        )
        descriptor = self.process.open("ns/pid")
        self.addCleanup(os.close, descriptor)
        ours = os.stat("/proc/self/ns/pid")  # noqa: PTH116
        self.assertTrue(os.path.samestat(os.fstat(descriptor), ours))
        self.assertFalse(os.get_inheritable(descriptor))

    def test_ended(self) -> None:
        """A process that has ended has no files."""
        self.end()
        self.assertRaises(OSError, self.process.read, "status")
        self.assertRaises(OSError, self.process.open, "ns/pid")

    def test_number_given_away(self) -> None:
        """
        The files of another process, that has the number now, are not taken for its
        own, and nothing of them stays open.
        """
        process = self.hold(self.child.pid, number=os.getpid())
        self.assertTrue(process.read("status"))
        self.end()
        before = open_descriptors()
        self.assertRaises(ProcessLookupError, process.read, "status")
        self.assertRaises(ProcessLookupError, process.open, "ns/pid")
        self.assertRaises(ProcessLookupError, process.root_uid)
        self.assertRaises(ProcessLookupError, process.life)
        self.assertEqual(open_descriptors(), before)

    def test_life(self) -> None:
        """A life is the same each time, and no other process's."""
        self.assertEqual(self.process.life(), self.hold(self.child.pid).life())
        self.assertNotEqual(self.process.life(), self.hold(os.getpid()).life())

    def test_life_under_another_name(self) -> None:
        """A process that calls itself something else lives on."""
        ourselves = self.hold(os.getpid())
        comm = Path("/proc/self/comm")
        name, life = comm.read_text().strip(), ourselves.life()
        self.addCleanup(comm.write_text, name)
        comm.write_text(") S 1 (x")
        self.assertEqual(ourselves.life(), life)
