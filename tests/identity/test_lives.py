"""Tests of the lives of instances, on each generation of the kernel."""

from __future__ import annotations

from devlxd.identity.kernel import Linux, Linux53, Linux65
from tests.identity import lives


class LinuxTests(lives.Lives):
    """The kernel that runs tells of the lives of instances."""

    kernel = Linux()


class Linux65Tests(lives.Lives):
    """A kernel that tells pidfds of peers, but not their namespaces, does, too."""

    kernel = Linux65()


class Linux53Tests(lives.Lives):
    """A kernel that tells the pids of peers only does, too."""

    kernel = Linux53()
