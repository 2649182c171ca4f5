"""What this process may do."""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["may_examine_all"]

_EFFECTIVE = re.compile(r"^CapEff:\s*([0-9a-f]+)$", re.MULTILINE)
_CAP_SYS_PTRACE = 1 << 19  # linux/capability.h


def may_examine_all(proc: Path) -> bool:
    """
    Whether this process may look into those of other users, as root may: then it can
    tell for each of them which instance it is in (ptrace(2), access mode checking).

    :param proc: where ``/proc`` is.
    """
    capabilities = _EFFECTIVE.search((proc / "self/status").read_text())
    return capabilities is not None and bool(int(capabilities[1], 16) & _CAP_SYS_PTRACE)
