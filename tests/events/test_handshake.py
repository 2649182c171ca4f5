"""Openings of WebSockets."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase
from twisted.web.http_headers import Headers

from devlxd.errors import Forbidden
from devlxd.events.handshake import BadHandshake, BadMethod, opening_in

_KEY = b"dGhlIHNhbXBsZSBub25jZQ=="


def headers(**others: bytes) -> Headers:
    """Those of an opening, and others."""
    found = {
        b"Host": [b"here"],
        b"Upgrade": [b"websocket"],
        b"Connection": [b"Upgrade"],
        b"Sec-WebSocket-Version": [b"13"],
        b"Sec-WebSocket-Key": [_KEY],
    }
    found |= {name.encode(): [value] for name, value in others.items()}
    return Headers(found)


class OpeningTests(SynchronousTestCase):
    """`opening_in` finds the opening in a request."""

    def test_origin(self) -> None:
        """A page of another site may not open one, unless any may."""
        foreign = headers(Origin=b"http://elsewhere")
        self.assertRaises(Forbidden, opening_in, foreign)
        self.assertIsNotNone(opening_in(foreign, any_origin=True))
        self.assertIsNotNone(opening_in(headers(Origin=b"http://here")))

    def test_method(self) -> None:
        """Only ``GET`` opens one; what asks for none is of any method."""
        with self.assertRaises(BadMethod) as caught:
            opening_in(headers(), b"POST")
        self.assertEqual(caught.exception.status, 405)
        self.assertIs(opening_in(Headers(), b"POST"), None)

    def test_connection_first(self) -> None:
        """What does not ask to change the protocol is a bad opening by any method."""
        with self.assertRaises(BadHandshake) as caught:
            opening_in(headers(Connection=b"close"), b"POST")
        self.assertEqual(caught.exception.status, 400)
