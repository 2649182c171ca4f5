"""Tests of devlxd.client.streams, on real sockets of several families."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from errno import ECONNREFUSED, ENOENT, ETIMEDOUT
from typing import Any

from twisted.internet import reactor
from twisted.internet.defer import CancelledError
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.threads import deferToThread
from zope.interface.verify import verifyObject

from devlxd.client.streams import StreamEndpoint
from tests.client.sockets import SocketTestCase, directory
from tests.client.wire import Making

_reactor: Any = reactor


class Echo(Protocol):
    """Sends back what it gets."""

    def dataReceived(self, data: bytes) -> None:
        """Send it back."""
        assert self.transport is not None
        self.transport.write(data)


class StreamTests(SocketTestCase):
    """`StreamEndpoint` connects to whatever the kernel knows."""

    def setUp(self) -> None:
        """Close what is opened."""
        self.opened = ExitStack()
        self.addCleanup(self.opened.close)

    def listener(self, family: int, address: Any) -> socket.socket:
        """A socket that listens, and has room for one who waits."""
        listening = self.opened.enter_context(socket.socket(family))
        listening.settimeout(20)
        listening.bind(address)
        listening.listen(0)
        return listening

    async def fails(self, endpoint: StreamEndpoint, number: int) -> None:
        """It cannot connect, for a reason of this number, and leaves nothing open."""
        with self.assertRaises(OSError) as caught:
            await endpoint.connect(Factory.forProtocol(Echo))
        self.assertEqual(caught.exception.errno, number)
        self.assertEqual(_reactor.getWriters(), [])

    def test_interface(self) -> None:
        """It provides `IStreamClientEndpoint`."""
        endpoint = StreamEndpoint(_reactor, socket.AF_UNIX, "/x", 1)
        verifyObject(IStreamClientEndpoint, endpoint)

    async def test_connects(self) -> None:
        """Bytes go both ways, whether it had to wait or not."""
        for family, address in (
            (socket.AF_UNIX, f"{directory(self)}/sock"),
            (socket.AF_INET, ("127.0.0.1", 0)),
        ):
            listening = self.listener(family, address)
            endpoint = StreamEndpoint(_reactor, family, listening.getsockname(), 20)
            echo: Any = await endpoint.connect(Making(Echo))
            connection = self.opened.enter_context(listening.accept()[0])
            connection.sendall(b"hello")
            self.assertEqual(await deferToThread(connection.recv, 9), b"hello")
            echo.transport.loseConnection()
            self.assertEqual(await deferToThread(connection.recv, 9), b"")

    async def test_at_once(self) -> None:
        """What fails at once fails with its reason."""
        path = f"{directory(self)}/sock"
        await self.fails(StreamEndpoint(_reactor, socket.AF_UNIX, path, 1), ENOENT)

    async def test_refused(self) -> None:
        """What fails later does, too."""
        with socket.socket() as listening:
            listening.bind(("127.0.0.1", 0))
            address = listening.getsockname()
        endpoint = StreamEndpoint(_reactor, socket.AF_INET, address, 20)
        await self.fails(endpoint, ECONNREFUSED)

    def crowded(self, timeout: float) -> StreamEndpoint:
        """Leads to where nobody has room for one more."""
        address = self.listener(socket.AF_INET, ("127.0.0.1", 0)).getsockname()
        for _ in range(4):
            waiting = self.opened.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(address)
        return StreamEndpoint(_reactor, socket.AF_INET, address, timeout)

    async def test_timeout(self) -> None:
        """It gives up in time."""
        await self.fails(self.crowded(0.05), ETIMEDOUT)

    async def test_cancelled(self) -> None:
        """It can be given up."""
        connecting = self.crowded(20).connect(Making(Echo))
        connecting.cancel()
        with self.assertRaises(CancelledError):
            await connecting
        self.assertEqual(_reactor.getWriters(), [])

    async def test_vsock(self) -> None:
        """A machine that is none of ours, or a kernel without vsock, is an error."""
        nobody = 0x7FFFFFFF
        endpoint = StreamEndpoint(_reactor, socket.AF_VSOCK, (nobody, 1), 20)
        with self.assertRaises(OSError):
            await endpoint.connect(Making(Echo))
