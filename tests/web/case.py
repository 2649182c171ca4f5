"""What tests of a surface share."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.web.responses import Response
from tests.web.world import DATE, World

TEXT = "text/plain; charset=utf-8"


def request(target: str = "/", method: str = "GET", body: bytes = b"") -> bytes:
    """One request of HTTP/1.1."""
    head = f"{method} {target} HTTP/1.1\r\nHost: lxd\r\nContent-Length: {len(body)}"
    return head.encode() + b"\r\n\r\n" + body


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
