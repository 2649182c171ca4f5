"""
What a test needs of the machine that it runs on.

Without it the test is skipped, with a message that says how to get it.  On a build
machine (``CI=true``) it fails instead: there, nothing may be left out unnoticed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import NoReturn
from unittest import SkipTest

__all__ = ["lacking", "need_checkout", "need_namespaces", "need_program", "need_root"]


def lacking(what: str) -> NoReturn:
    """
    Skip the test, or fail it on a build machine.

    :param what: what is lacking and how to get it.
    """
    if os.environ.get("CI") == "true":
        raise AssertionError(f"CI=true forbids to skip: {what}")
    raise SkipTest(what)


def need_root() -> None:
    """Go on only as root, with all capabilities that this takes."""
    if os.geteuid() != 0:
        lacking("needs root: run it with sudo")


def need_program(name: str, package: str) -> str:
    """
    Go on only when a program is installed.

    :param name: what to look for on ``PATH``.
    :param package: the Debian package that has it.
    :return: the path of the program.
    """
    path = shutil.which(name)
    if path is None:
        lacking(f"needs {name}: apt-get install {package}")
    return path


def need_checkout() -> Path:
    """
    Go on only when the tests are in a checkout of the project.

    :return: its directory.
    """
    root = Path(__file__).resolve().parent.parent
    if not (root / "setup.py").is_file():
        lacking("needs a checkout of the project around the tests")
    return root


def need_namespaces() -> None:
    """Go on only as somebody who may make namespaces, and with the programs for it."""
    need_root()
    need_program("nsenter", "util-linux")
    complaint = _complaint(need_program("unshare", "util-linux"))
    if complaint:
        lacking(f"needs the right to make namespaces, as in a VM: {complaint}")


@cache
def _complaint(unshare: str) -> str:
    """What is said when a namespace of each kind that the tests use is made."""
    argv = [unshare, "--user", "--pid", "--fork", "--mount-proc", "true"]
    return subprocess.run(argv, capture_output=True, text=True, check=False).stderr
