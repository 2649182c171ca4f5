"""The sockets of the state directory."""

from __future__ import annotations

import os
import socket

from twisted.internet import reactor as real_reactor
from twisted.internet.address import (
    UNIXAddress,
)
from twisted.internet.endpoints import TCP4ServerEndpoint, UNIXServerEndpoint
from twisted.internet.interfaces import IStreamServerEndpoint
from twisted.internet.task import deferLater
from twisted.trial.unittest import TestCase

from devlxd.errors import CannotStart
from devlxd.service.listener import Listener
from devlxd.service.statesocket import StateSocket
from tests.need import need_root
from tests.service.connections import site
from tests.service.places import directory, mode

NOBODY = 65534
"""A user who may give nothing away."""


class SocketTests(TestCase):
    """`StateSocket` is a real UNIX socket, for a `Listener`."""

    def setUp(self) -> None:
        """Have a place for the socket, and a site."""
        self.path = directory(self) / "sock"
        self.site = site(real_reactor)

    def listener(self, group: int | None = None) -> Listener:
        """One that has not started."""
        return self.at(StateSocket(real_reactor, self.path, 0o640, group))

    def at(self, endpoint: IStreamServerEndpoint) -> Listener:
        """One that has not started, at another endpoint."""
        return Listener("guests", endpoint, self.site, real_reactor)

    def test_holds(self) -> None:
        """The site knows the port, so that it can hold it when it is full."""
        listener = self.listener()
        listener.startService()
        self.addCleanup(listener.stopService)
        self.assertEqual(self.site.port.getHost(), UNIXAddress(bytes(self.path)))

    def test_mode(self) -> None:
        """The socket has its mode whatever the umask, and nothing is beside it."""
        self.addCleanup(os.umask, os.umask(0o077))
        listener = self.listener()
        listener.startService()
        self.addCleanup(listener.stopService)
        self.assertEqual(mode(self.path), 0o640)
        self.assertEqual(list(self.path.parent.iterdir()), [self.path])

    def test_group(self) -> None:
        """The socket belongs to the group that was named."""
        listener = self.listener(group=os.getgid())
        listener.startService()
        self.addCleanup(listener.stopService)
        self.assertEqual(self.path.stat().st_gid, os.getgid())

    async def test_foreign_group(self) -> None:
        """
        One that it may not be given to keeps the service from starting, and the socket
        is not left to those who had it first.
        """
        need_root()
        os.chown(self.path.parent, NOBODY, -1)
        os.seteuid(NOBODY)
        try:
            with self.assertRaises(CannotStart) as caught:
                self.listener(group=4711).startService()
        finally:
            os.seteuid(0)
        self.assertEqual(
            str(caught.exception),
            f"cannot listen for guests: {self.path}: Operation not permitted",
        )
        while self.path.exists():
            await deferLater(real_reactor, 0)

    async def test_removed(self) -> None:
        """The socket goes when it stops; its directory stays."""
        listener = self.listener()
        listener.startService()
        await listener.stopService()
        self.assertEqual(list(self.path.parent.iterdir()), [])

    def test_left_by_the_dead(self) -> None:
        """The socket of a service that was killed is replaced."""
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(str(self.path))
        listener = self.listener()
        listener.startService()
        self.addCleanup(listener.stopService)
        with socket.socket(socket.AF_UNIX) as guest:
            guest.connect(str(self.path))

    def test_no_socket(self) -> None:
        """Anything else in its place is left alone."""
        self.path.write_text("precious")
        with self.assertRaises(CannotStart) as caught:
            self.listener().startService()
        self.assertEqual(
            str(caught.exception), f"{self.path}: is there, and is no socket"
        )
        self.assertEqual(self.path.read_text(), "precious")

    def test_unremovable(self) -> None:
        """A place that cannot be looked at is told with the reason."""
        self.path.parent.joinpath("file").write_text("")
        self.path = self.path.parent / "file" / "sock"
        with self.assertRaises(CannotStart) as caught:
            self.listener().startService()
        self.assertEqual(
            str(caught.exception),
            f"cannot listen for guests: {self.path}: Not a directory",
        )

    def test_taken(self) -> None:
        """An address that another has is told with the reason."""
        other = self.path.parent / "other"
        with socket.socket(socket.AF_UNIX) as holder:
            holder.bind(str(other))
            with self.assertRaises(CannotStart) as caught:
                self.at(UNIXServerEndpoint(real_reactor, str(other))).startService()
        self.assertEqual(
            str(caught.exception),
            f"cannot listen for guests: {other}: Address already in use",
        )

    def test_port_taken(self) -> None:
        """So is a TCP port."""
        with socket.socket() as holder:
            holder.bind(("127.0.0.1", 0))
            holder.listen()
            _, port = holder.getsockname()
            endpoint = TCP4ServerEndpoint(real_reactor, port, interface="127.0.0.1")
            with self.assertRaises(CannotStart) as caught:
                self.at(endpoint).startService()
        self.assertEqual(
            str(caught.exception),
            f"cannot listen for guests: 127.0.0.1:{port}: Address already in use",
        )
