"""What goes past Autobahn is what Autobahn would have sent."""

from __future__ import annotations

from base64 import b64encode

from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from devlxd.events.handshake import Handshake
from devlxd.events.hub import Hub
from devlxd.events.sink import Backlog, ISink
from devlxd.events.subscription import Source, Subscription, Wish
from devlxd.events.websocket import EventSocket, WebSockets
from devlxd.events.wire import Encoder

SIZES = (0, 1, 125, 126, 127, 65535, 65536, 100_000)
"""Of payloads, on both sides of where the head of a frame changes (RFC 6455, 5.2)."""


class FrameTests(SynchronousTestCase):
    """Frames that are made once for all listeners."""

    def setUp(self) -> None:
        """Open a WebSocket."""
        self.factory = WebSockets(Clock())
        source = Source(Hub(), Backlog(), lambda: 0)
        encoder = Encoder(numbered=False, wrap=self.factory.frame)
        subscription = Subscription(source, Wish("all", frozenset()), encoder)
        opening = Handshake(b64encode(bytes(16)))
        self.socket: EventSocket = self.factory.protocol_for(opening, subscription)
        self.transport = StringTransport()
        self.socket.makeConnection(self.transport)
        self.transport.clear()
        self.addCleanup(self.socket.connectionLost)

    def test_frames(self) -> None:
        """A frame has the bytes that `sendMessage` writes, whatever its size."""
        for size in SIZES:
            line = b"x" * size
            self.socket.sendMessage(line)
            sent = self.transport.value()
            self.transport.clear()
            self.assertEqual(self.factory.frame(line), sent, size)

    def test_write(self) -> None:
        """What writes an event adds nothing to it."""
        verifyObject(ISink, self.socket)
        self.socket.writer()(b"frame")
        self.assertEqual(self.transport.value(), b"frame")

    def test_options(self) -> None:
        """Each option that Autobahn asks its factory for is in the class."""
        kind = type(self.socket)
        self.assertEqual(kind.CONFIG_ATTRS, ())
        for name in EventSocket.CONFIG_ATTRS:
            self.assertNotIn(name, vars(self.socket))
            if name != "perMessageCompressionAccept":
                self.assertEqual(
                    getattr(self.socket, name), getattr(self.factory, name), name
                )
