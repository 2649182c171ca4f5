"""All runtimes that are known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from devlxd.identity.runtimes.interface import IContainerRuntime
from devlxd.identity.runtimes.lxc import LXC, LXD
from devlxd.identity.runtimes.nspawn import Nspawn
from devlxd.identity.runtimes.podman import Podman

__all__ = ["RUNTIMES", "runtimes"]

RUNTIMES = (LXC.name, LXD.name, Nspawn.name, Podman.name)
"""Their names."""


def runtimes(
    names: Iterable[str], lxc_paths: Sequence[str], lxd_paths: Sequence[str]
) -> tuple[IContainerRuntime, ...]:
    """
    The runtimes of these names.

    :param lxc_paths: as `LXC.paths`.
    :param lxd_paths: as `LXD.paths`.
    """
    known: dict[str, IContainerRuntime] = {
        LXC.name: LXC(lxc_paths),
        LXD.name: LXD(lxd_paths),
        Nspawn.name: Nspawn(),
        Podman.name: Podman(),
    }
    return tuple(known[name] for name in names)
