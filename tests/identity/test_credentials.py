"""Tests for `devlxd.identity.credentials`."""

from __future__ import annotations

import os
import socket
import tempfile
from errno import EMFILE, ESRCH
from pathlib import Path
from typing import cast

from attrs import frozen
from twisted.internet import reactor
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import (
    TCP4ClientEndpoint,
    TCP4ServerEndpoint,
    UNIXClientEndpoint,
    UNIXServerEndpoint,
    connectProtocol,
)
from twisted.internet.interfaces import (
    IAddress,
    IReactorTCP,
    IReactorUNIX,
    IStreamClientEndpoint,
    IStreamServerEndpoint,
)
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.testing import StringTransport
from twisted.trial.unittest import SynchronousTestCase, TestCase

from devlxd.identity.credentials import peer_of
from devlxd.identity.kernel import IKernel, Linux, Linux53, Linux65
from devlxd.model.identity import NOBODY, Peer
from devlxd.testing.locators import open_descriptors
from tests.identity.guests import Transport

KERNELS: tuple[IKernel, ...] = (Linux(), Linux65(), Linux53())


@frozen
class Refusing(Linux):
    """A kernel that gives no pidfd of a peer."""

    errno: int = ESRCH

    def peer_pidfd(self, connection: socket.socket) -> int:
        """As for a process that is gone, or when there are no descriptors left."""
        raise OSError(self.errno, os.strerror(self.errno))


class PeerTests(SynchronousTestCase):
    """The peer of a UNIX socket is the process that connected."""

    def pair(self) -> Transport:
        """One end of a connection with ourselves."""
        ends = socket.socketpair()
        for end in ends:
            self.addCleanup(end.close)
        return Transport(ends[0])

    def test_peer(self) -> None:
        """It has the pid, uid, gid and a pidfd of that process."""
        for kernel in KERNELS:
            with peer_of(self.pair(), kernel) as peer:
                pidfd = peer.pidfd
                self.assertEqual(
                    peer, Peer(os.getpid(), os.geteuid(), os.getegid(), pidfd)
                )
                assert pidfd is not None
                info = Path(f"/proc/self/fdinfo/{pidfd}").read_text()
                self.assertIn(f"\nPid:\t{os.getpid()}\n", info)

    def test_not_inherited(self) -> None:
        """The pidfd is not for programs that are run meanwhile."""
        for kernel in KERNELS:
            with peer_of(self.pair(), kernel) as peer:
                assert peer.pidfd is not None
                self.assertFalse(os.get_inheritable(peer.pidfd))

    def test_closed(self) -> None:
        """The pidfd is closed when the context ends, failing or not."""
        before = open_descriptors()
        transport = self.pair()
        with peer_of(transport):
            self.assertEqual(open_descriptors(), before + 3)
        self.assertEqual(open_descriptors(), before + 2)
        with self.assertRaises(ZeroDivisionError), peer_of(transport):
            raise ZeroDivisionError
        self.assertEqual(open_descriptors(), before + 2)

    def test_ended(self) -> None:
        """A peer of which the kernel gives no pidfd has none."""
        for errno in (ESRCH, EMFILE):
            with peer_of(self.pair(), Refusing(errno)) as peer:
                self.assertEqual(
                    peer, Peer(os.getpid(), os.geteuid(), os.getegid(), None)
                )

    def test_closed_connection(self) -> None:
        """Who has gone so far that his connection is closed is nobody."""
        transport = self.pair()
        transport.connection.close()
        with peer_of(transport) as peer:
            self.assertEqual(peer, NOBODY)

    def test_not_connected(self) -> None:
        """A socket without a peer has one that nobody can locate."""
        connection = socket.socket(socket.AF_UNIX)
        self.addCleanup(connection.close)
        for kernel in KERNELS:
            with peer_of(Transport(connection), kernel) as peer:
                self.assertEqual((peer.pid, peer.pidfd), (0, None))

    def test_other_transports(self) -> None:
        """A transport without a UNIX socket has nobody at its other end."""
        other = socket.socket(socket.AF_INET)
        self.addCleanup(other.close)
        for transport in (StringTransport(), Transport(other), object(), None):
            with peer_of(transport) as peer:
                self.assertEqual(peer, NOBODY)

    def test_thousands(self) -> None:
        """Thousands of connections, good and bad ones, leave nothing open."""
        good, bad = self.pair(), self.pair()
        bad.connection.close()
        before = open_descriptors()
        for _ in range(1000):
            for kernel in (*KERNELS, Refusing()):
                for transport in (good, bad):
                    with peer_of(transport, kernel):
                        pass
        self.assertEqual(open_descriptors(), before)


class Hearer(Protocol):
    """Tells who connects."""

    def __init__(self, heard: Deferred[Peer]) -> None:
        self.heard = heard

    def connectionMade(self) -> None:
        """Read the peer from the transport, as a server does."""
        assert self.transport is not None
        with peer_of(self.transport) as peer:
            self.heard.callback(Peer(peer.pid, peer.uid, peer.gid))
        self.transport.loseConnection()


class Hearing(Factory):
    """Hears of one peer."""

    def __init__(self) -> None:
        self.heard: Deferred[Peer] = Deferred()

    def buildProtocol(self, addr: IAddress | None) -> Protocol:
        """For the only connection."""
        return Hearer(self.heard)


class TransportTests(TestCase):
    """Twisted's own transports tell their peers."""

    async def heard(
        self, server: IStreamServerEndpoint, client: IStreamClientEndpoint | None
    ) -> Peer:
        """Whom a server sees when a client connects."""
        tcp = cast(IReactorTCP, reactor)
        factory = Hearing()
        port = await server.listen(factory)
        self.addCleanup(port.stopListening)
        if client is None:
            where = cast(IPv4Address, port.getHost()).port
            client = TCP4ClientEndpoint(tcp, "127.0.0.1", where)
        closed: Deferred[None] = Deferred()
        await connectProtocol(client, Farewell(closed))
        peer = await factory.heard
        await closed
        return peer

    async def test_unix(self) -> None:
        """Over a UNIX socket, the peer is the process that connected."""
        unix = cast(IReactorUNIX, reactor)
        directory = tempfile.TemporaryDirectory(prefix="devlxd-")
        self.addCleanup(directory.cleanup)
        path = str(Path(directory.name) / "sock")
        peer = await self.heard(
            UNIXServerEndpoint(unix, path), UNIXClientEndpoint(unix, path)
        )
        self.assertEqual(peer, Peer(os.getpid(), os.geteuid(), os.getegid()))

    async def test_tcp(self) -> None:
        """Over TCP, nobody is at the other end."""
        server = TCP4ServerEndpoint(
            cast(IReactorTCP, reactor), 0, interface="127.0.0.1"
        )
        self.assertEqual(await self.heard(server, None), NOBODY)


class Farewell(Protocol):
    """Tells when its connection is closed."""

    def __init__(self, closed: Deferred[None]) -> None:
        self.closed = closed

    def connectionLost(self, reason: object = None) -> None:
        """It is."""
        self.closed.callback(None)
