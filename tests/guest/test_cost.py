"""
What a request costs, without a clock.

The functions that are called are counted, those of Python and those of C.  The bounds
leave room for another Python or attrs, and none for a way that is not the short one.
"""

from __future__ import annotations

import socket
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from devlxd.identity.assumed import Assumed
from devlxd.web.readiness import Readiness
from devlxd.web.transport import Transport
from tests.guest.conversation import C1, Conversation
from tests.guest.test_api import setting
from tests.web.pairs import Watching

KEPT = b"GET /1.0/config/user.a HTTP/1.1\r\nHost: lxd\r\n\r\n"
LAST = KEPT[:-2] + b"Connection: close\r\n\r\n"
UNUSUAL = KEPT[:-2] + b"Content-Length: 0\r\n\r\n"

MOST_CALLS = 75
"""For a request on a connection that stays; 61 with Python 3.11."""

MOST_CALLS_CONNECTED = 240
"""For a connection, its request and its end; 195 with Python 3.11."""


def calls(work: Callable[[], object], times: int = 100) -> Counter[str]:
    """The functions that something calls, each as often as in one of many times."""
    counted: Counter[str] = Counter()

    def count(frame: Any, event: str, argument: Any) -> None:
        if event == "call":
            counted[frame.f_code.co_qualname] += 1
        elif event == "c_call":
            counted[argument.__qualname__] += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        for _ in range(times):
            work()
    finally:
        sys.setprofile(before)
    return Counter({name: round(n / times) for name, n in counted.items()})


class CostTests(SynchronousTestCase):
    """Reading a value over a real socket, with identity, flags and bounds."""

    def setUp(self) -> None:
        """Make a service with one instance, and connect."""
        self.guest = Conversation(Assumed(C1), limit=10)
        self.guest.create(setting("user.a", "1"))
        self.reactor = Watching()
        self.readiness = Readiness(self.reactor)
        self.peer = self.connected()
        self.addCleanup(self.reactor.go_on)
        self.addCleanup(self.peer.close)
        # From now on, the path is known.
        self.peer.sendall(KEPT)
        self.reactor.go_on()
        self.assertTrue(self.peer.recv(4096).endswith(b"\r\n\r\n1"))

    def connected(self, sent: bytes = b"") -> socket.socket:
        """The peer of a new connection, over which this was sent already."""
        ours, peer = socket.socketpair()
        peer.settimeout(10)
        peer.sendall(sent)
        channel = self.guest.site.buildProtocol(None)
        args = (ours, channel, "", None, 0, "no reactor")
        channel.makeConnection(Transport.of(self.readiness, *args))
        return peer

    def ask(self, request: bytes = KEPT) -> bytes:
        """The answer to a request."""
        self.peer.sendall(request)
        self.readiness.doRead()
        return self.peer.recv(4096)

    def ask_anew(self) -> bytes:
        """The answer to a request on a connection of its own."""
        with self.connected(LAST) as peer:
            return peer.recv(4096)

    def test_request(self) -> None:
        """A request is answered by few calls, two of which go to its connection."""
        counted = calls(self.ask)
        self.assertLessEqual(counted.total(), MOST_CALLS, counted)
        # One of each is the peer's.
        self.assertEqual(counted["socket.recv"], 2)
        self.assertEqual(counted["socket.send"] + counted["socket.sendall"], 2)

    def test_connection(self) -> None:
        """So is one on a connection of its own, which the reactor never hears of."""
        counted = calls(self.ask_anew)
        self.assertLessEqual(counted.total(), MOST_CALLS_CONNECTED, counted)
        self.assertEqual([name for name in counted if "epoll" in name], [])

    def test_long_way(self) -> None:
        """The way of an unusual request is so much longer that it is noticed."""
        counted = calls(lambda: self.ask(UNUSUAL), times=10)
        self.assertGreater(counted.total(), 5 * MOST_CALLS)
