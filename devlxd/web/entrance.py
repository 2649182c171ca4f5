"""
The listening socket of a port, for peers that cannot be trusted.

`twisted.internet.tcp.Port` accepts a hundred connections and more at a time, whatever
it is told meanwhile; logs each one that it has no file descriptor for; and takes the
address of a peer for that of IPv6 when it has four characters, which the name of a UNIX
socket may have, and fails.  It uses its ``socket`` for nothing but to accept, to tell
its name, and to close, so that this can take its place.
"""

from __future__ import annotations

from errno import EAGAIN, EMFILE, ENFILE, ENOBUFS, ENOMEM
from socket import AF_UNIX, socket
from typing import Any, Protocol

from attrs import define

_EXHAUSTED = frozenset({EMFILE, ENFILE, ENOBUFS, ENOMEM})


class Host(Protocol):
    """Who is behind the entrance."""

    def is_full(self) -> bool:
        """Whether nobody else is to come in."""

    def cannot_accept(self) -> None:
        """The system has nothing left to hold another connection with."""


@define(eq=False)
class Entrance:
    """A listening socket that lets in whom its host has room for."""

    _socket: socket
    _host: Host

    def accept(self) -> tuple[socket, Any]:
        """
        As `socket.socket.accept`, but no peer has a name.

        :raises BlockingIOError: also when there is no room.
        """
        if self._host.is_full():
            raise _not_now()
        try:
            connection, address = self._socket.accept()
        except OSError as error:
            if error.errno not in _EXHAUSTED:
                raise
            self._host.cannot_accept()
            raise _not_now() from error
        return connection, "" if self._socket.family == AF_UNIX else address

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)


def _not_now() -> BlockingIOError:
    """What a listening socket raises when nobody waits."""
    return BlockingIOError(EAGAIN, "not now")
