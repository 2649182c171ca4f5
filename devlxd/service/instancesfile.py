"""What the operator's file states, made true."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from attrs import define
from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.logger import Logger

from devlxd.errors import CannotStart, StoreFailure
from devlxd.host import manifest
from devlxd.host.yamltree import BadFile
from devlxd.interfaces import IStore
from devlxd.service.atonce import at_once
from devlxd.service.readfile import ReadFile

__all__ = ["InstancesFile"]


@define(eq=False)
class InstancesFile(Service):
    """
    Applies the file of ``--instances`` to the store.

    :ivar file: as it is at the start.
    :ivar architecture: that of instances for which the file states none.
    :ivar now: tells the time.
    """

    _file: ReadFile
    _store: IStore
    _architecture: str
    _now: Callable[[], datetime]

    _log = Logger()

    def startService(self) -> None:
        """
        Apply it as it was read.

        :raises CannotStart: when it asks for what cannot be.
        """
        super().startService()
        path = str(self._file.path)
        try:
            at_once(Deferred.fromCoroutine(self.apply(self._file)))
        except BadFile as error:
            raise CannotStart(error.of(path)) from error
        except StoreFailure as error:
            raise CannotStart(f"{path}: {error.text}") from error

    async def apply(self, file: ReadFile) -> None:
        """
        Do what a file asks for since one was last applied: all of it or nothing.

        :raises BadFile: when it asks for what cannot be.
        :raises StoreFailure: when that could not be made durable.
        """
        summary = await manifest.apply(
            self._store, file.document, self._now(), self._architecture
        )
        self._log.info(
            "{file}: {summary.created} created, {summary.changed} changed, "
            "{summary.deleted} deleted",
            file=str(file.path),
            summary=summary,
        )
