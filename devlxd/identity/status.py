"""What a process's ``/proc/<pid>/status`` says (proc_pid_status(5))."""

from __future__ import annotations

import re

__all__ = ["is_root", "numbers", "parent"]

_PARENT = re.compile(rb"^PPid:[ \t]+(\d{1,10})$", re.MULTILINE)
_NUMBERS = re.compile(rb"^NSpid:((?:[ \t]+\d{1,10})+)$", re.MULTILINE)

# The real, effective and saved one, and that for file systems.
_ROOT = re.compile(rb"^Uid:(?:[ \t]+0){4}$", re.MULTILINE)


def parent(status: bytes) -> int:
    """
    The pid of the parent.

    :return: 0 when it has none that can be seen from here.
    :raises ValueError: when that is not said.
    """
    match = _PARENT.search(status)
    if match is None:
        raise ValueError("status")
    return int(match[1])


def numbers(status: bytes) -> tuple[int, ...]:
    """
    The numbers that a process has in the pid namespaces that it is in, from our own
    inwards.

    :raises ValueError: when they are not said.
    """
    match = _NUMBERS.search(status)
    if match is None:
        raise ValueError("status")
    return tuple(map(int, match[1].split()))


def is_root(status: bytes) -> bool:
    """Whether all the uids of a process, as we see them, are 0."""
    return _ROOT.search(status) is not None
