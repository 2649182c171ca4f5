"""A port on a socket that is there."""

from __future__ import annotations

from socket import socket
from typing import Any

from twisted.internet import unix
from twisted.python.failure import Failure

from devlxd.web.wing import Wing

__all__ = ["InstancePort"]

_ACCEPTED_AT_ONCE = 100
"""Connections, as Twisted has it at first."""


class InstancePort(unix.Port):
    """
    Listens on a socket that is there, and leaves its file alone.

    Twisted's own port goes by the path: it changes the mode of what it finds there, and
    when it is closed it removes that, a moment later, when it may be another's.

    :param listening: does not block.  It is closed with the port.
    """

    def __init__(self, listening: socket, wing: Wing, reactor: Any) -> None:
        super().__init__(listening.getsockname().encode(), wing, reactor=reactor)
        self._wing = wing
        self.socket = listening
        self.fileno = listening.fileno  # type: ignore[method-assign]
        wing.open_at(self)

    def startListening(self) -> None:
        """Begin to accept."""
        self._wing.doStart()
        self.connected = True
        self.numberAccepts = _ACCEPTED_AT_ONCE
        self.startReading()

    def connectionLost(self, reason: Failure) -> None:
        """Close the socket."""
        super(unix.Port, self).connectionLost(reason)

    def _logConnectionLostMsg(self) -> None:
        """Say nothing: there may be thousands."""
