"""
How bytes of a file get into a transport.

From a file to a socket they are moved within the kernel, by ``sendfile``.  For that,
the socket under a `twisted.internet.tcp.Connection` is written to when the transport
asks its pull producer for more, since then nothing waits in its own buffer;
``startWriting`` has it ask again.
"""

from __future__ import annotations

import os
import sys
from fcntl import ioctl
from socket import AF_UNIX, SO_SNDBUF, SOL_SOCKET
from termios import TIOCOUTQ
from typing import Any

from attrs import define, field
from twisted.internet.interfaces import IPullProducer
from twisted.internet.tcp import Connection

from devlxd.web.content import AT_ONCE, Slice

__all__ = ["Kernel", "Shortened", "Written", "outlet_of"]

_TURN = 2 * 1024 * 1024
"""Bytes that are sent before others have their turn."""

_ROOM = 1024 * 1024
"""
What is asked for as the buffer of a UNIX socket.  Linux gives twice as much, if its
``net.core.wmem_max`` allows.  What is in there is no copy but the pages of the file,
and the fewer times we are woken to fill it, the less that costs.
"""


class Shortened(OSError):
    """A file has become shorter than it was."""


@define(eq=False)
class Kernel:
    """
    Moves bytes into the socket of a transport.

    :ivar unread: bytes that the peer had not read when some were last sent.
    """

    _transport: Any
    _room: int = field(default=0, init=False)
    _unread: int = field(default=0, init=False)

    def begin(self, producer: IPullProducer) -> None:
        """Have the transport ask a producer as soon as its buffer is empty."""
        self._transport.startWriting()

    def send(self, piece: Slice) -> int:
        """
        Send as much of a piece as fits.

        :return: how many bytes that were.
        :raises OSError: when the file cannot be read, or the peer has gone.
        """
        self._widen()
        self._transport.startWriting()
        sent = self._moved(piece, min(piece.length, _TURN))
        self._unread = self._queued()
        return sent

    def write(self, data: bytes) -> None:
        """Send some bytes, and be asked for more, even if they are gone at once."""
        self._transport.write(data)
        self._transport.startWriting()

    def is_read(self) -> bool:
        """Whether the peer has read of what was sent last, since this was asked."""
        before, self._unread = self._unread, self._queued()
        return self._unread < before

    def end(self) -> None:
        """Nothing more is to be sent: leave the socket as it was."""
        if self._room:
            self._transport.socket.setsockopt(SOL_SOCKET, SO_SNDBUF, self._room)

    def _moved(self, piece: Slice, size: int) -> int:
        socket, source = self._transport.fileno(), piece.stream.fileno()
        sent = 0
        try:
            while sent < size:
                place = piece.start + sent
                sent += _checked(os.sendfile(socket, source, place, size - sent))
        except BlockingIOError:
            pass
        return sent

    def _widen(self) -> None:
        # TCP finds the size of its buffer by itself.
        socket = self._transport.socket
        if not self._room and socket.family == AF_UNIX:
            # It tells twice of what it was told.
            self._room = socket.getsockopt(SOL_SOCKET, SO_SNDBUF) // 2
            socket.setsockopt(SOL_SOCKET, SO_SNDBUF, max(_ROOM, self._room))

    def _queued(self) -> int:
        queued = ioctl(self._transport.fileno(), TIOCOUTQ, bytes(4))
        return int.from_bytes(queued, sys.byteorder)


@define(eq=False)
class Written:
    """Reads bytes and writes them to a transport, whatever that is."""

    _transport: Any

    def begin(self, producer: IPullProducer) -> None:
        """Ask a producer; the transport keeps the order."""
        producer.resumeProducing()

    def send(self, piece: Slice) -> int:
        """As `Kernel.send`."""
        size = min(piece.length, AT_ONCE)
        data = os.pread(piece.stream.fileno(), size, piece.start)
        self._transport.write(data)
        return _checked(len(data))

    def write(self, data: bytes) -> None:
        """Send some bytes; the transport asks for more."""
        self._transport.write(data)

    def is_read(self) -> bool:
        """It cannot be told whether the peer reads before it has read all."""
        return False

    def end(self) -> None:
        """There is nothing to restore."""


def outlet_of(transport: object) -> Kernel | Written:
    """The best way into a transport."""
    is_socket = isinstance(transport, Connection)
    return Kernel(transport) if is_socket else Written(transport)


def _checked(size: int) -> int:
    if not size:
        raise Shortened("the file has become shorter while it was sent")
    return size
