"""Accepting from peers that cannot be trusted."""

from __future__ import annotations

import os
import socket
from errno import EAGAIN, ECONNABORTED, EMFILE, ENFILE, ENOBUFS, ENOMEM
from typing import Any, NoReturn

from attrs import define
from twisted.trial.unittest import SynchronousTestCase

from devlxd.web.entrance import Entrance


@define
class House:
    """Has room, or has not."""

    full: bool = False
    exhausted: int = 0

    def is_full(self) -> bool:
        """Whether it is full."""
        return self.full

    def cannot_accept(self) -> None:
        """Count."""
        self.exhausted += 1


class Failing(socket.socket):
    """A listening socket that cannot accept."""

    def __init__(self, errno: int) -> None:
        super().__init__(socket.AF_UNIX)
        self.errno = errno

    def accept(self) -> NoReturn:
        """Fail."""
        raise OSError(self.errno, os.strerror(self.errno))


class EntranceTests(SynchronousTestCase):
    """A listening socket that asks its host."""

    def setUp(self) -> None:
        """Make a host."""
        self.house = House()

    def closed(self, opened: Any) -> Any:
        """A socket that is closed at the end."""
        self.addCleanup(opened.close)
        return opened

    def listening(self, family: int, address: Any) -> tuple[Entrance, Any]:
        """An entrance, and a connection that waits in front of it."""
        inner = self.closed(socket.socket(family))
        inner.bind(address)
        inner.listen()
        inner.setblocking(False)
        outer = self.closed(socket.socket(family))
        if family == socket.AF_UNIX:
            outer.bind("")
        outer.connect(inner.getsockname())
        return Entrance(inner, self.house), outer

    def test_name(self) -> None:
        """A peer of a UNIX socket has no name, whatever it is bound to."""
        entrance, _ = self.listening(socket.AF_UNIX, "")
        connection, name = entrance.accept()
        self.closed(connection)
        self.assertEqual(name, "")

    def test_address(self) -> None:
        """Other peers keep their address."""
        entrance, outer = self.listening(socket.AF_INET, ("127.0.0.1", 0))
        connection, address = entrance.accept()
        self.closed(connection)
        self.assertEqual(address, outer.getsockname())

    def test_nobody(self) -> None:
        """When nobody waits, that is said in the usual way."""
        entrance, _ = self.listening(socket.AF_UNIX, "")
        self.closed(entrance.accept()[0])
        self.assert_nobody(entrance)

    def assert_nobody(self, entrance: Entrance) -> None:
        """An entrance says what a socket says when nobody waits."""
        error = self.assertRaises(BlockingIOError, entrance.accept)
        self.assertEqual(error.args[0], EAGAIN)

    def test_full(self) -> None:
        """When there is no room, whoever waits goes on waiting."""
        entrance, _ = self.listening(socket.AF_UNIX, "")
        self.house.full = True
        self.assert_nobody(entrance)
        self.house.full = False
        self.closed(entrance.accept()[0])

    def test_exhausted(self) -> None:
        """When the system is out of something, the host hears of it."""
        for number, errno in enumerate((EMFILE, ENFILE, ENOBUFS, ENOMEM), 1):
            entrance = Entrance(self.closed(Failing(errno)), self.house)
            self.assert_nobody(entrance)
            self.assertEqual(self.house.exhausted, number)

    def test_other_error(self) -> None:
        """Other errors are left to Twisted."""
        entrance = Entrance(self.closed(Failing(ECONNABORTED)), self.house)
        self.assertRaises(ConnectionAbortedError, entrance.accept)
        self.assertEqual(self.house.exhausted, 0)

    def test_rest(self) -> None:
        """In all else it is the socket."""
        entrance, _ = self.listening(socket.AF_UNIX, "")
        self.assertGreater(entrance.fileno(), 0)
        entrance.close()
        self.assertEqual(entrance.fileno(), -1)
