"""
What a test needs of the machine that it runs on.

Without it the test is skipped, with a message that says how to get it.  On a build
machine (``CI=true``) it fails instead: there, nothing may be left out unnoticed.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn
from unittest import SkipTest

__all__ = ["lacking", "need_checkout", "need_program", "need_root"]


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
