"""Containers of systemd-nspawn(1), which stays with its container as it was started."""

from __future__ import annotations

from pathlib import PurePath
from typing import ClassVar

from attrs import frozen
from zope.interface import implementer

from devlxd.identity.runtimes.commandline import Grammar
from devlxd.identity.runtimes.interface import IContainerRuntime, Supervisor
from devlxd.model.names import DEFAULT_PROJECT, InstanceName

__all__ = ["Nspawn"]

# Those of systemd 252 to 257.
_OPTIONS = Grammar(
    valued="D directory template u user uid S slice M machine hostname uuid i image "
    "oci-bundle root-hash root-hash-sig verity-data pivot-root chdir E setenv "
    "kill-signal notify-ready suppress-sync property register settings "
    "private-users-ownership network-interface network-macvlan network-ipvlan "
    "network-veth-extra network-bridge network-zone network-namespace-path p port "
    "capability drop-capability ambient-capability system-call-filter "
    "Z selinux-context L selinux-apifs-context rlimit oom-score-adjust cpu-affinity "
    "personality resolv-conf timezone link-journal bind bind-ro inaccessible tmpfs "
    "overlay overlay-ro bind-user bind-user-shell console set-credential "
    "load-credential no-new-privileges image-policy background "
    "restrict-address-families",
    plain="q quiet no-pager x ephemeral read-only volatile a as-pid2 b boot keep-unit "
    "private-users private-users-chown U private-network n network-veth j P pipe "
    "share-system cleanup",
)


@implementer(IContainerRuntime)
@frozen
class Nspawn:
    """Containers of ``systemd-nspawn``, by a unit, ``machinectl`` or the command."""

    name: ClassVar[str] = "nspawn"

    def container_of(self, supervisor: Supervisor) -> str | None:
        """
        The machine name, or else the name of the directory, as systemd-nspawn chooses.

        :raises ValueError: when the command line makes no sense.
        """
        if supervisor.program != "systemd-nspawn":
            return None
        directory = machine = None
        for option, value in _OPTIONS.read(supervisor.arguments[1:]):
            if option == "":
                # What follows is the container's own command line.
                break
            if option in ("M", "machine"):
                machine = value
            elif option in ("D", "directory"):
                directory = PurePath(value).name
            elif option in ("x", "ephemeral"):
                # It has made a name up, unless it was told one.
                directory = None
        return machine or directory or None

    def instance_of(self, container: str) -> InstanceName:
        """That of the same name in the default project."""
        return InstanceName(DEFAULT_PROJECT, container)
