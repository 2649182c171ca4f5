"""Another way into a site."""

from __future__ import annotations

from typing import Any

from twisted.internet.interfaces import IAddress, IListeningPort
from twisted.internet.protocol import Factory
from twisted.internet.tcp import Port

from devlxd.web.interfaces import IDoor
from devlxd.web.site import Site

__all__ = ["Wing"]


class Wing(Factory):
    """
    Serves a site's surface at one more port, where another door meets who comes.

    The site counts these connections and watches their time as those of its own port,
    so that a wing costs a port and a door.
    """

    noisy = False

    def __init__(self, site: Site, door: IDoor) -> None:
        self._site = site
        self._door = door
        self._port: IListeningPort | None = None

    def open_at(self, port: Port) -> None:
        """Let in whom the site has room for."""
        self._port = port
        self._site.furnish(port, self)

    def doStart(self) -> None:
        """One more port has been opened."""
        self._site.doStart()

    def doStop(self) -> None:
        """It is closed."""
        self._site.doStop()

    def buildProtocol(self, addr: IAddress | None) -> Any:
        """A channel of the site for a new connection."""
        channel = self._site.buildProtocol(addr)
        channel.door = self._door
        return channel

    def is_full(self) -> bool:
        """Whether the site has no room; the port is held then until it has."""
        full = self._site.is_full()
        if full:
            self._site.hold(self._port)
        return full

    def cannot_accept(self) -> None:
        """The system is out of something."""
        self._site.cannot_accept(self._port)
