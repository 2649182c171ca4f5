"""A connection that leaves HTTP behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.internet.interfaces import ITransport
from zope.interface import implementer

if TYPE_CHECKING:
    from devlxd.web.channel import Channel


@implementer(ITransport)
class Connection:
    """
    The transport of a protocol that was handed a connection.

    It ends in the way of all connections: when the peer has taken what was written, or
    has had its time for that.

    :ivar write: sends bytes.
    """

    __slots__ = ("_channel", "_transport", "write")

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._transport: Any = channel.transport
        # Not a method around it: this is called for each event and listener.
        self.write: Any = channel.transport.write

    def writeSequence(self, data: Any) -> None:
        """Send bytes."""
        self._transport.writeSequence(data)

    def loseConnection(self) -> None:
        """Close, as soon as the peer has what was written."""
        self._channel.loseConnection()

    def abortConnection(self) -> None:
        """Close now."""
        self._transport.abortConnection()

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """Have a producer told when the peer takes nothing more, and when it does."""
        # There always is one: the channel, to begin with.
        self._transport.unregisterProducer()
        self._transport.registerProducer(producer, streaming)

    def unregisterProducer(self) -> None:
        """Tell it no more."""
        self.registerProducer(self._channel, True)

    def getPeer(self) -> Any:
        """The address of the peer."""
        return self._transport.getPeer()

    def getHost(self) -> Any:
        """Our own address."""
        return self._transport.getHost()
