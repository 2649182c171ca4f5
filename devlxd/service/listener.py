"""Where guests and operators connect."""

from __future__ import annotations

import os

from attrs import define, field
from twisted.application.service import Service
from twisted.internet import tcp
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import (
    IAddress,
    IListeningPort,
    IReactorTime,
    IStreamServerEndpoint,
)
from twisted.logger import Logger

from devlxd.errors import CannotStart
from devlxd.service.atonce import at_once
from devlxd.service.reason import reason
from devlxd.web.site import Site

__all__ = ["Listener"]

_DRAIN_TIME = 5.0
"""Seconds that answers may take at the end."""


@define(eq=False)
class Listener(Service):
    """
    A site on an endpoint.

    :ivar who: those who connect, as messages call them.
    """

    who: str
    _endpoint: IStreamServerEndpoint
    _site: Site
    _clock: IReactorTime
    _port: IListeningPort | None = field(default=None, init=False)

    _log = Logger()

    def startService(self) -> None:
        """
        Listen.

        :raises CannotStart: when that is not possible.
        """
        try:
            port = at_once(self._endpoint.listen(self._site))
        # A TCP port above 65535 is an OverflowError.
        except (CannotListenError, OSError, OverflowError) as error:
            if self._site.numPorts:
                # Twisted starts a site before it has got a UNIX socket for it.
                self._site.doStop()
            raise CannotStart(
                f"cannot listen for {self.who}: {_reason(error)}"
            ) from error
        super().startService()
        self._listens(port)

    def stopService(self) -> Deferred[None]:
        """
        Accept nobody any more, and end each connection when it has its answer.

        :return: fires when there are none left, after 5 seconds at the latest.
        """
        super().stopService()
        return Deferred.fromCoroutine(self._stop())

    def _listens(self, port: IListeningPort) -> None:
        self._port = port
        # Ports that other packages bring promise nothing but to listen.
        if isinstance(port, tcp.Port):
            self._site.port = port
        self._log.info(
            "{who} connect at {where}",
            who=self.who.capitalize(),
            where=_written(port.getHost()),
        )

    async def _stop(self) -> None:
        timer = self._clock.callLater(_DRAIN_TIME, self._site.abort)
        try:
            await self._close()
            await self._site.drain()
        finally:
            if timer.active():
                timer.cancel()

    async def _close(self) -> None:
        if self._port is not None:
            try:
                await maybeDeferred(self._port.stopListening)
            except OSError as error:
                # Somebody else has removed the socket.
                self._log.warn(
                    "Closing the socket of {who}: {reason}",
                    who=self.who,
                    reason=reason(error),
                )


def _reason(error: Exception) -> str:
    if not isinstance(error, CannotListenError):
        return reason(error)
    cause = error.socketError
    # It is a text when a lock file is in the way.
    return f"{_place(error)}: {cause if isinstance(cause, str) else reason(cause)}"


def _place(error: CannotListenError) -> str:
    if isinstance(error.port, bytes):
        return os.fsdecode(error.port)
    return f"{error.interface or '*'}:{error.port}"


def _written(address: IAddress) -> str:
    """An address as people write it."""
    if isinstance(address, UNIXAddress):
        # Of the abstract namespace (unix(7)) if it begins with NUL.
        return os.fsdecode(address.name or b"").replace("\0", "@")
    if isinstance(address, IPv6Address):
        return f"[{address.host}]:{address.port}"
    if isinstance(address, IPv4Address):
        return f"{address.host}:{address.port}"
    return str(address)
