"""
LXC's containers, and those of LXD and Incus, which are made with the same library.

The library's supervisor calls itself ``[lxc monitor] PATH NAME``, in one word, where
PATH is the directory of the containers' configs.  ``lxc-start --foreground``, which
systemd's ``lxc@.service`` runs, keeps its command line.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from attrs import field, frozen
from zope.interface import implementer

from devlxd.identity.runtimes.commandline import Grammar
from devlxd.identity.runtimes.interface import IContainerRuntime, Supervisor
from devlxd.model.names import DEFAULT_PROJECT, InstanceName

__all__ = ["LXC", "LXD"]

_TITLE = "[lxc monitor] "

_LXC_START = Grammar(
    valued="n name f rcfile p pidfile c console L console-log s define "
    "share-net share-ipc share-uts share-pid o logfile l logpriority P lxcpath",
    plain="d daemon F foreground C close-all-fds q quiet",
)


def _without_slashes(paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(path.rstrip("/") for path in paths)


@implementer(IContainerRuntime)
@frozen
class LXC:
    """
    Containers of ``lxc-start``.

    :ivar paths: the directories of the containers that count; the first is where
        ``lxc-start`` looks when it is told no other.
    """

    name: ClassVar[str] = "lxc"

    paths: tuple[str, ...] = field(converter=_without_slashes)

    def container_of(self, supervisor: Supervisor) -> str | None:
        """The name that the monitor calls itself by, or was started with."""
        if supervisor.program == "lxc-start" and len(supervisor.arguments) > 1:
            return self._started(supervisor.arguments)
        return _titled(supervisor, self.paths)

    def instance_of(self, container: str) -> InstanceName:
        """That of the same name in the default project."""
        return InstanceName(DEFAULT_PROJECT, container)

    def _started(self, arguments: tuple[str, ...]) -> str | None:
        """
        :raises ValueError: when the command line makes no sense.
        """
        path, container, first = self.paths[0], None, None
        for option, value in _LXC_START.read(arguments[1:]):
            if option in ("P", "lxcpath"):
                path = value.rstrip("/")
            elif option in ("n", "name"):
                container = value
            elif option == "":
                first = first or value
        return (container or first) if path in self.paths else None


@implementer(IContainerRuntime)
@frozen
class LXD:
    """
    Containers of a LXD or Incus that this service stands beside.

    :ivar paths: their directories named ``containers``.
    """

    name: ClassVar[str] = "lxd"

    paths: tuple[str, ...] = field(converter=_without_slashes)

    def container_of(self, supervisor: Supervisor) -> str | None:
        """``NAME`` or ``PROJECT_NAME``."""
        return _titled(supervisor, self.paths)

    def instance_of(self, container: str) -> InstanceName:
        """
        That of the same name and project; a container without one is in the default
        project.
        """
        project, underscore, name = container.partition("_")
        if underscore:
            return InstanceName(project, name)
        return InstanceName(DEFAULT_PROJECT, container)


def _titled(supervisor: Supervisor, paths: Iterable[str]) -> str | None:
    """The name in the title that a monitor gives itself, which is one word."""
    if len(supervisor.arguments) != 1:
        return None
    title = supervisor.arguments[0]
    for path in paths:
        for start in (f"{_TITLE}{path} ", f"{_TITLE}{path}/ "):
            if title.startswith(start):
                return title.removeprefix(start)
    return None
