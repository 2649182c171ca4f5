"""What tests of a site share."""

from __future__ import annotations

from twisted.internet.error import ConnectionDone
from twisted.trial.unittest import SynchronousTestCase

from devlxd.web.bounds import Bounds
from tests.web.responses import Response
from tests.web.wire import Wire
from tests.web.world import DATE, World

TEXT = "text/plain; charset=utf-8"
GET = b"GET / HTTP/1.1\r\nHost: lxd\r\n\r\n"


def request(target: str = "/", method: str = "GET", body: bytes = b"") -> bytes:
    """One request of HTTP/1.1."""
    head = f"{method} {target} HTTP/1.1\r\nHost: lxd\r\nContent-Length: {len(body)}"
    return head.encode() + b"\r\n\r\n" + body


def early(reason: str, text: str | None = None) -> bytes:
    """What Go answers to a head that it does not take."""
    return (
        f"HTTP/1.1 {reason}\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"Connection: close\r\n\r\n{text or reason}"
    ).encode()


class SurfaceCase(SynchronousTestCase):
    """A site to ask."""

    def setUp(self) -> None:
        """Make one."""
        self.world = World()
        self.wire = self.world.connect()

    def ask(
        self, target: str = "/", method: str = "GET", body: bytes = b""
    ) -> Response:
        """The answer to one request."""
        return self.wire.ask(request(target, method, body))

    def assert_refused(
        self, status: int, text: str, target: str = "/", method: str = "GET"
    ) -> None:
        """The answer to a request is this refusal, and the connection stays."""
        response = self.ask(target, method)
        self.assertEqual((response.status, response.body), (status, text.encode()))
        self.assertEqual(
            response.headers,
            {
                "date": DATE,
                "content-type": TEXT,
                "x-content-type-options": "nosniff",
                "content-length": str(len(text)),
            },
        )
        self.assertIsNone(self.wire.end)


class HeadCase(SynchronousTestCase):
    """A site to connect to."""

    def setUp(self) -> None:
        """Make one."""
        self.world = World(Bounds(head=1000))

    def sent(self, *parts: bytes) -> Wire:
        """A connection over which this was sent."""
        wire = self.world.connect()
        for part in parts:
            wire.send(part)
        return wire

    def assert_early(self, head: bytes, reason: str, text: str | None = None) -> None:
        """A head is refused, the connection closed, and nothing said in the log."""
        wire = self.sent(head)
        self.assertEqual(wire.received, early(reason, text), head)
        self.assertEqual(wire.end, ConnectionDone)
        self.assertEqual(self.world.begun, [])

    def assert_served(self, head: bytes) -> Response:
        """A head is taken, and its answer is the last thing that comes."""
        [response] = self.sent(head).responses()
        self.assertEqual((head, response.status), (head, 200))
        return response
