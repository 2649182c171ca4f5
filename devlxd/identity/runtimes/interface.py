"""The role of a container runtime."""

from __future__ import annotations

from attrs import frozen
from zope.interface import Attribute, Interface

from devlxd.model.names import InstanceName

__all__ = ["IContainerRuntime", "Supervisor"]


@frozen
class Supervisor:
    """
    A process that was proven to be root's, and the parent of a container's init.

    :ivar program: the name of the program that it runs.
    :ivar arguments: its command line, which it may have set itself; never empty.
    """

    program: str
    arguments: tuple[str, ...]


class IContainerRuntime(Interface):
    """
    A kind of container.

    Both methods are pure.
    """

    name: str = Attribute("What operators call it.")

    def container_of(supervisor: Supervisor) -> str | None:
        """
        The name of a supervisor's container, as the runtime knows it.

        :return: ``None`` when that is no supervisor of this runtime, or does not say
            the name.
        :raises ValueError: when its command line is not understood.
        """

    def instance_of(container: str) -> InstanceName:
        """
        The instance that a container is, unless somebody says otherwise.

        :raises InvalidData: when no instance can have that name.
        """
