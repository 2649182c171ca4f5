"""
Containers of podman, each of which has a ``conmon`` for a parent.

``podman exec`` makes another one, whose children are in a pid namespace that is there
already; so they are never asked about.
"""

from __future__ import annotations

from typing import ClassVar

from attrs import frozen
from zope.interface import implementer

from devlxd.identity.runtimes.commandline import Grammar
from devlxd.identity.runtimes.interface import IContainerRuntime, Supervisor
from devlxd.model.names import DEFAULT_PROJECT, InstanceName

__all__ = ["Podman"]

# Those of conmon 2.0 to 2.1.
_OPTIONS = Grammar(
    valued="api-version b bundle c cid P conmon-pidfile p container-pidfile u cuuid "
    "exec-process-spec exit-command exit-command-arg exit-delay exit-dir log-level "
    "l log-path log-size-max log-global-size-max log-tag log-label n name "
    "0 persist-dir restore restore-arg r runtime runtime-arg runtime-opt "
    "sdnotify-socket socket-dir-path T timeout seccomp-notify-socket "
    "seccomp-notify-plugins",
    plain="e exec exec-attach leave-stdin-open no-container-partial-message "
    "no-new-keyring no-pivot no-sync-log replace-listen-pid i stdin sync syslog "
    "s systemd-cgroup t terminal full-attach",
)


@implementer(IContainerRuntime)
@frozen
class Podman:
    """Containers of podman that root runs."""

    name: ClassVar[str] = "podman"

    def container_of(self, supervisor: Supervisor) -> str | None:
        """
        The name that podman told conmon.

        :raises ValueError: when the command line makes no sense.
        """
        if supervisor.program != "conmon":
            return None
        for option, value in _OPTIONS.read(supervisor.arguments[1:]):
            # podman gives it once, and before all that a later release may add.
            if option in ("n", "name"):
                return value
        return None

    def instance_of(self, container: str) -> InstanceName:
        """That of the same name in the default project."""
        return InstanceName(DEFAULT_PROJECT, container)
