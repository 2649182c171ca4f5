"""Whatever a peer sends to open or to use a WebSocket, others are served."""

from __future__ import annotations

import struct

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from devlxd.events.stream import HEAD
from devlxd.identity.assumed import Assumed
from devlxd.model.instance import Instance
from tests.guest.conversation import C1, Conversation
from tests.web.wire import Wire

_GOOD = {
    b"Upgrade": b"websocket",
    b"Connection": b"Upgrade",
    b"Sec-WebSocket-Version": b"13",
    b"Sec-WebSocket-Key": b"dGhlIHNhbXBsZSBub25jZQ==",
}
_VALUES = st.one_of(
    st.sampled_from([*_GOOD.values(), b"", b"close", b"keep-alive, Upgrade", b"8"]),
    st.binary(max_size=40).map(lambda raw: raw.translate(None, b"\r\n\0")),
)
_NAMES = st.sampled_from(
    [
        *_GOOD,
        b"Origin",
        b"Sec-WebSocket-Extensions",
        b"Sec-WebSocket-Protocol",
        b"Content-Length",
        b"Transfer-Encoding",
    ]
)
_OPENINGS = st.lists(st.tuples(_NAMES, _VALUES), max_size=4)
_STATUSES = (b"101", b"200", b"400", b"403", b"501")


@st.composite
def frames(draw: st.DrawFn) -> bytes:
    """A frame that may be right or wrong in each of its parts (RFC 6455, 5.2)."""
    payload = draw(st.binary(max_size=140))
    size = draw(st.sampled_from([len(payload), 0, 125, 126, 127, 2**16, 2**40]))
    first = draw(st.integers(0, 255))
    masked = draw(st.sampled_from([0x80, 0x80, 0x80, 0]))
    if size < 126:
        head = struct.pack("!BB", first, masked | size)
    elif size < 2**16:
        head = struct.pack("!BBH", first, masked | 126, size)
    else:
        head = struct.pack("!BBQ", first, masked | 127, size)
    return head + (b"\0\0\0\0" if masked else b"") + payload


class FuzzTests(SynchronousTestCase):
    """Nothing that a peer sends is a fault of ours."""

    def setUp(self) -> None:
        """Serve, and have somebody listen."""
        self.guest = Conversation(Assumed(C1), 10_000)
        self.guest.create(Instance(C1, profiles=()))
        self.other = self._connect()
        self.other.send(b"GET /1.0/events HTTP/1.1\r\nHost: x\r\n\r\n")
        self.number = 0

    def _connect(self) -> Wire:
        wire = Wire(self.guest.clock)
        wire.protocol = self.guest.site.buildProtocol(None)
        wire.protocol.makeConnection(wire)
        return wire

    def _check_others(self) -> None:
        """Others are answered, and hear of what happens."""
        self.assertEqual(self.guest.ask("/").status, 200)
        self.number += 1
        value = str(self.number)
        self.guest.change(lambda old: evolve(old, config={"user.a": value}))
        self.other.go_on()
        self.assertIn(f'"value":"{value}"'.encode(), self.other.received)
        self.assertEqual(self.flushLoggedErrors(), [])

    @given(_OPENINGS)
    def test_openings(self, headers: list[tuple[bytes, bytes]]) -> None:
        """Every opening is taken, refused or not seen as one, in a line of HTTP."""
        lines = [name + b": " + value for name, value in _GOOD.items()]
        lines += [name + b": " + value for name, value in headers]
        head = b"\r\n".join([b"GET /1.0/events HTTP/1.1", b"Host: x", *lines, b"", b""])
        wire = self._connect()
        wire.send(head)
        answer = wire.received
        if answer and not answer.startswith(HEAD):
            self.assertIn(answer.split(b" ", 2)[1], _STATUSES)
            self.assertNotIn(b"<html", answer.lower())
        wire.vanish()
        self._check_others()

    @given(st.lists(frames(), min_size=1, max_size=5), st.integers(1, 50))
    def test_frames(self, sent: list[bytes], cut: int) -> None:
        """Every frame, however it is cut, is taken or ends its own connection."""
        lines = [name + b": " + value for name, value in _GOOD.items()]
        head = b"\r\n".join([b"GET /1.0/events HTTP/1.1", b"Host: x", *lines, b"", b""])
        wire = self._connect()
        wire.send(head)
        self.assertTrue(wire.received.startswith(b"HTTP/1.1 101 "))
        stream = b"".join(sent)
        for start in range(0, len(stream), cut):
            wire.send(stream[start : start + cut])
        wire.vanish()
        self._check_others()
