"""Tests that callers are recognised, on each generation of the kernel."""

from __future__ import annotations

from devlxd.identity.kernel import Linux, Linux53, Linux65
from tests.identity import recognition


class LinuxTests(recognition.HeldByTheKernel):
    """The kernel that runs recognises callers."""

    kernel = Linux()


class Linux65Tests(recognition.HeldByTheKernel):
    """A kernel that tells pidfds of peers, but not their namespaces, does, too."""

    kernel = Linux65()


class Linux53Tests(recognition.Recognition):
    """A kernel that tells the pids of peers only does, too."""

    kernel = Linux53()
