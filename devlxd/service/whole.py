"""The service as a whole."""

from __future__ import annotations

from twisted.application.service import MultiService, Service
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.logger import Logger

from devlxd import __version__
from devlxd.errors import CannotStart
from devlxd.stores.backend import StoreUnusable

__all__ = ["Devlxd"]


class Devlxd(MultiService):
    """
    All parts.  They start in the order in which they were added, and stop in the other
    one, each when the one that needs it has stopped.
    """

    _log = Logger()

    def startService(self) -> None:
        """
        Start every part.  When one of them cannot, those before it are stopped.

        :raises CannotStart: with the reason.
        """
        Service.startService(self)
        self._log.info("devlxd {version}", version=__version__)
        try:
            for part in self:
                part.startService()
        except (CannotStart, StoreUnusable) as reason:
            self.stopService()
            self._log.critical("Cannot start: {reason}", reason=str(reason))
            raise CannotStart(str(reason)) from reason
        except Exception:
            self.stopService()
            # A daemon's own account of it is cut short and says not where.
            self._log.failure("Cannot start")
            raise

    def stopService(self) -> Deferred[None]:
        """
        Stop every part that runs.

        :return: fires when all have stopped; those that failed to did so in the log.
        """
        Service.stopService(self)
        return Deferred.fromCoroutine(self._stop())

    async def _stop(self) -> None:
        for part in reversed([part for part in self if part.running]):
            try:
                await maybeDeferred(part.stopService)
            except Exception:
                self._log.failure("{part} did not stop as it should", part=part)
