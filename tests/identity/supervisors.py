"""Processes that pretend to be the supervisors of containers, or are their like."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from tests.identity.guests import Program, RealProcesses

# Makes a pid namespace, and with "users" a user namespace around it; starts a process
# in it that lives until its input ends; writes other words over its own command line,
# which is longer than those.
_PRETEND = """
import ctypes, os, sys
kinds, uid, *words = sys.argv[1:]
libc = ctypes.CDLL(None)
flags = 0x20000000 | (0x10000000 if "users" in kinds else 0)
if "early" in kinds:
    os.setresuid(int(uid), int(uid), int(uid))
assert libc.unshare(flags) == 0
reading, writing = os.pipe()
if os.fork() == 0:
    os.close(writing)
    os.read(reading, 1) or os._exit(1)
    os.execv("/bin/sh", ["sh", "-c", "echo ready; exec cat"])
stat = open("/proc/self/stat").read().rpartition(")")[2].split()
start, end = int(stat[45]), int(stat[46])
title = b"\\0".join(map(os.fsencode, words))
assert len(title) < end - start
ctypes.memmove(start, title.ljust(end - start, b"\\0"), end - start)
if "late" in kinds:
    os.setresuid(int(uid), int(uid), int(uid))
os.write(writing, b"x")
os.wait()
"""

PATH = f"/nonexistent/{os.getpid()}"
"""Where LXC's containers are said to be; no others are."""

TITLE = f"[lxc monitor] {PATH} c1"
"""What LXC's monitor of the container ``c1`` calls itself."""


class Supervised(RealProcesses):
    """Tests with guests that somebody minds."""

    def supervisor(
        self,
        *words: str,
        program: str = "python3",
        mode: int = 0o755,
        kinds: str = "",
        uid: int = 0,
    ) -> Program:
        """
        Start a process that minds a guest, its first child.

        :param words: the command line that it pretends to have.
        :param program: the name of the program that it runs.
        :param mode: that of its program.
        :param kinds: ``users`` for a user namespace of its own; ``early`` to become
            another user before anything else, or ``late`` after that.
        :param uid: what it becomes.
        """
        copy = self.directory() / program
        shutil.copy(Path(sys.executable).resolve(), copy)
        copy.chmod(mode)
        argv = ("-I", "-S", "-c", _PRETEND, kinds, str(uid))
        return self.start(str(copy), *argv, *(words or (TITLE,)))
