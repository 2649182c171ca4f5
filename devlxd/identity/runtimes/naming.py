"""Which instance a container is, by its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from attrs import field, frozen

from devlxd.errors import InvalidData
from devlxd.identity.runtimes.interface import IContainerRuntime
from devlxd.identity.runtimes.known import RUNTIMES
from devlxd.model.names import InstanceName

__all__ = ["Naming"]

_EACH = "*"
"""Stands for the name of every container that is not named itself."""


@frozen
class Naming:
    """
    What operators say of which container is which instance.

    :ivar single: instances, by runtime and container.
    :ivar projects: the project that all other containers of a runtime are in.
    """

    single: Mapping[tuple[str, str], InstanceName] = field(factory=dict)
    projects: Mapping[str, str] = field(factory=dict)

    @classmethod
    def parse(cls, text: str) -> Self:
        """
        Read ``RUNTIME:NAME=[PROJECT/]NAME`` and ``RUNTIME:*=PROJECT/*``, with commas
        between them; of two for the same containers the later counts.

        :raises ValueError: when it is not that.
        """
        single: dict[tuple[str, str], InstanceName] = {}
        projects: dict[str, str] = {}
        for entry in text.split(","):
            runtime, container, target = _parts(entry)
            if container == _EACH:
                projects[runtime] = _project(target)
            else:
                single[runtime, container] = _instance(target)
        return cls(single, projects)

    def instance_of(self, runtime: IContainerRuntime, container: str) -> InstanceName:
        """
        The instance that a container is.

        :raises InvalidData: when no instance can have that name.
        """
        said = self.single.get((runtime.name, container))
        if said is not None:
            return said
        project = self.projects.get(runtime.name)
        if project is not None:
            return InstanceName(project, container)
        return runtime.instance_of(container)


def _parts(entry: str) -> tuple[str, str, str]:
    source, _, target = entry.partition("=")
    runtime, _, container = source.partition(":")
    if not (container and target):
        raise ValueError("must be RUNTIME:NAME=[PROJECT/]NAME, with commas between")
    if runtime not in RUNTIMES:
        raise ValueError(f"{runtime!r} must be one of {', '.join(RUNTIMES)}")
    return runtime, container, target


def _project(target: str) -> str:
    project, _, name = target.partition("/")
    if name != _EACH:
        raise ValueError(f"all containers become PROJECT/*, not {target}")
    return _instance(f"{project}/x").project


def _instance(text: str) -> InstanceName:
    try:
        return InstanceName.parse(text)
    except InvalidData as error:
        raise ValueError(error.text) from None
