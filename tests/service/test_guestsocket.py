"""The guests' socket in the file system."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from twisted.internet import reactor as real_reactor
from twisted.internet.address import (
    UNIXAddress,
)
from twisted.internet.endpoints import TCP4ServerEndpoint, UNIXServerEndpoint
from twisted.trial.unittest import TestCase

from devlxd.errors import CannotStart
from devlxd.service.listener import Listener
from tests.service.connections import site
from tests.service.places import directory, mode


class SocketTests(TestCase):
    """`Listener` on a real UNIX socket of ours."""

    def setUp(self) -> None:
        """Have a place for the socket, and a site."""
        self.path = directory(self) / "sock"
        self.site = site(real_reactor)

    def listener(self, path: Path | None = None) -> Listener:
        """One that has not started."""
        endpoint = UNIXServerEndpoint(real_reactor, str(path or self.path), mode=0o640)
        return Listener(endpoint, self.site, real_reactor, self.path)

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
                self.listener(other).startService()
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
            listener = Listener(endpoint, self.site, real_reactor)
            with self.assertRaises(CannotStart) as caught:
                listener.startService()
        self.assertEqual(
            str(caught.exception),
            f"cannot listen for guests: 127.0.0.1:{port}: Address already in use",
        )
