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
from devlxd.service.values import ReadFile

__all__ = ["InstancesFile"]


@define(eq=False)
class InstancesFile(Service):
    """
    Applies the file of ``--instances`` to the store.

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
        Do what the file asks for since it was last applied: all of it or nothing.

        :raises CannotStart: when it asks for what cannot be.
        """
        super().startService()
        path = str(self._file.path)
        try:
            summary = at_once(self._apply())
        except BadFile as error:
            raise CannotStart(error.of(path)) from error
        except StoreFailure as error:
            raise CannotStart(f"{path}: {error.text}") from error
        self._log.info(
            "{file}: {summary.created} created, {summary.changed} changed, "
            "{summary.deleted} deleted",
            file=path,
            summary=summary,
        )

    def _apply(self) -> Deferred[manifest.Summary]:
        return manifest.apply(
            self._store, self._file.document, self._now(), self._architecture
        )
