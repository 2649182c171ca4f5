"""Recognition of callers by their processes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attrs import define
from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.logger import Logger

from devlxd.host.registration import Registration
from devlxd.host.runtime import Registered
from devlxd.identity.chain import Chain
from devlxd.identity.discovery import Discovery
from devlxd.identity.registry import Registry
from devlxd.interfaces import ILocator, IRuntime
from devlxd.model.names import InstanceName
from devlxd.service.atonce import at_once
from devlxd.service.readfile import ReadFile

__all__ = ["Recognition"]


@define(eq=False)
class Recognition(Service):
    """
    Tells callers apart by the instances' processes.

    :ivar file: says which instances run, if there is one; the one that was followed
        last.
    :ivar sees_all: whether this process may look into those of other users; asked at
        the start, when ``twistd`` has become the user that it was told to.
    :ivar discovery: finds containers that nobody registered, if it is to.
    """

    _registry: Registry
    _registration: Registration
    _file: ReadFile | None
    _sees_all: Callable[[], bool]
    _discovery: Discovery | None = None

    _log = Logger()

    @property
    def locator(self) -> ILocator:
        """What tells callers apart."""
        if self._discovery is None:
            return self._registry
        return Chain([self._registry, self._discovery])

    @property
    def runtime(self) -> IRuntime:
        """What is known of the lives of instances."""
        return Registered(self._registry, self._registration)

    def startService(self) -> None:
        """
        Register the instances that still run since the service ended, those that the
        file says do, and those that are found; those of the file that fail are logged.
        """
        super().startService()
        if not self._sees_all():
            self._log.warn(
                "Without root only this user's own (rootless) containers are known; "
                "--assume takes every caller for one instance"
            )
        # First, since a pid in the file may be old, and another instance's by now.
        at_once(Deferred.fromCoroutine(self._registration.resume()))
        if self._file is not None:
            at_once(Deferred.fromCoroutine(self._register(self._file, {})))
        if self._discovery is not None:
            # After the file, which knows better.
            self._discovery.look_around()

    async def follow(self, file: ReadFile) -> None:
        """Register the instances of which an edited file says anew that they run."""
        known = {} if self._file is None else self._file.document.inits
        self._file = file
        await self._register(file, known)

    def stopService(self) -> None:
        """Let go of the instances' processes.  What they said of themselves stays."""
        super().stopService()
        self._registry.close()

    async def _register(
        self, file: ReadFile, known: Mapping[InstanceName, int]
    ) -> None:
        await self._registration.register_stated(file.document, str(file.path), known)
