"""Recognition without looking."""

from __future__ import annotations

from attrs import define
from twisted.application.service import Service
from twisted.logger import Logger

from devlxd.errors import CannotStart, NoSuchInstance
from devlxd.host.runtime import Supposed
from devlxd.identity.assumed import Assumed
from devlxd.interfaces import IInstances, ILocator, IRuntime
from devlxd.model.names import InstanceName
from devlxd.service.readfile import ReadFile

__all__ = ["Assumption"]


@define(eq=False)
class Assumption(Service):
    """Takes every caller for one instance, and says so loudly."""

    _instance: InstanceName
    _instances: IInstances

    _log = Logger()

    @property
    def locator(self) -> ILocator:
        """What tells callers apart: not at all."""
        return Assumed(self._instance)

    @property
    def runtime(self) -> IRuntime:
        """What is known of the lives of instances: that this one runs."""
        return Supposed(self._instance)

    def startService(self) -> None:
        """
        See that the instance is there.

        :raises CannotStart: when it is not.
        """
        super().startService()
        try:
            self._instances.get(self._instance)
        except NoSuchInstance:
            raise CannotStart(
                f"--assume {self._instance}: there is no such instance"
            ) from None
        self._log.warn(
            "EVERY CALLER is taken for {name}, whoever it is (--assume)",
            name=str(self._instance),
        )

    async def follow(self, file: ReadFile) -> None:
        """Nothing is recognised, whatever an edited file says of what runs."""
