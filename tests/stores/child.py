"""Programs of these tests that run in a process of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def command(module: str, path: Path) -> list[str]:
    """The command line of a program that is about a database."""
    return [sys.executable, "-m", module, str(path)]


def environment() -> dict[str, str]:
    """The environment in which a program finds what the tests find."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def child(module: str, path: Path) -> str:
    """Run a program to its end, and tell what it said."""
    return subprocess.run(
        command(module, path), env=environment(), check=True, capture_output=True
    ).stdout.decode()
