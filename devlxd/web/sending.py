"""
Long answers: sent as fast as their peer takes them, and no faster.

The sender becomes the transport's pull producer, in the place of the HTTP channel.  A
transport asks such a one for more whenever its own buffer is empty and the socket takes
bytes, so that what was written before goes first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IPullProducer
from zope.interface import implementer

from devlxd.web.content import Content, Piece, Slice
from devlxd.web.handover import Connection
from devlxd.web.outlet import outlet_of

if TYPE_CHECKING:
    from devlxd.web.channel import Channel

__all__ = ["Sender", "send"]


def send(request: Any, content: Content) -> bytes | Deferred[bytes]:
    """
    Answer with some content.

    :return: what the request is to be finished with, at once or when the peer has taken
        nearly all of the content; it never comes when the peer leaves before.
    """
    request.setResponseCode(content.status)
    for name, value in content.headers:
        request.setHeader(name, value)
    if content.told:
        request.setHeader(b"Content-Length", b"%d" % content.length)
    request.write(b"")
    if request.channel is None or request.method == b"HEAD" or not content.pieces:
        return b""
    pieces = _in_one_chunk(content) if request.chunked else iter(content.pieces)
    return Sender(request.channel, pieces).begin()


def _in_one_chunk(content: Content) -> Iterator[Piece]:
    """The last chunk, which is empty, comes when the request is finished."""
    yield b"%x\r\n" % content.length
    yield from content.pieces
    yield b"\r\n"


@implementer(IPullProducer)
@define(eq=False)
class Sender:
    """
    Sends pieces over a connection, one after the other.

    It opens and closes no file.
    """

    _channel: Channel
    _pieces: Iterator[Piece]
    _rest: Slice | None = field(default=None, init=False)
    _begun: bool = field(default=False, init=False)
    _sent: Deferred[bytes] = field(factory=Deferred, init=False)
    _connection: Connection = field(init=False)
    _outlet: Any = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._connection = Connection(self._channel)
        self._outlet = outlet_of(self._channel.transport)

    def begin(self) -> Deferred[bytes]:
        """
        Send all pieces.

        :return: fires when the transport has the last one.
        """
        self._connection.registerProducer(self, False)
        self._begun = True
        self._channel.await_reading(self)
        self._outlet.begin(self)
        return self._sent

    def resumeProducing(self) -> None:
        """The peer has taken what there was: send more."""
        if not self._begun:
            # Asked by registerProducer; the head of the answer is to go first.
            return
        self._channel.await_reading(self)
        piece, self._rest = self._rest or next(self._pieces, None), None
        if piece is None:
            self._end()
        elif isinstance(piece, Slice):
            self._send(piece)
        else:
            self._outlet.write(bytes(piece))

    def stopProducing(self) -> None:
        """The connection has ended; so does this."""
        self._pieces, self._rest = iter(()), None

    def expire(self) -> None:
        """The peer had its time to take more."""
        if self._outlet.is_read():
            self._channel.await_reading(self)
        else:
            # What it has of the answer must not be taken for the whole.
            self._channel.transport.abortConnection()

    def _send(self, piece: Slice) -> None:
        try:
            self._rest = piece.after(self._outlet.send(piece))
        except ConnectionError:
            # The peer has gone; the transport did not know it yet.
            self._channel.transport.abortConnection()
        except OSError as error:
            # The head has promised more: only an early end tells the peer.
            self._channel.site.cannot_send(error)
            self._channel.transport.abortConnection()

    def _end(self) -> None:
        self._outlet.end()
        self._connection.unregisterProducer()
        if self._channel.paused:
            # It was when this began, and nobody has told it since.
            self._channel.resumeProducing()
        self._sent.callback(b"")
