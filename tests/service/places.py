"""Where services are tried."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase


def directory(case: SynchronousTestCase) -> Path:
    """
    A new directory, until the test ends, that everybody may enter.

    It is not in the test's own directory, whose path may be too long for a socket's.
    """
    path = Path(tempfile.mkdtemp(prefix="devlxd-"))
    case.addCleanup(shutil.rmtree, path)
    path.chmod(0o755)
    return path


def mode(path: Path) -> int:
    """The permissions of a file."""
    return path.stat().st_mode & 0o7777
