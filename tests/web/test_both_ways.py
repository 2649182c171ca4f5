"""Whatever comes, it is answered with shortcuts as it is without."""

from __future__ import annotations

import socket
from itertools import groupby, pairwise

from attrs import astuple
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.endpoints import UNIXServerEndpoint
from twisted.internet.threads import deferToThread
from twisted.trial.unittest import SynchronousTestCase

from devlxd.web.bounds import Bounds
from tests.web.case import request
from tests.web.sockets import SocketCase, connected, rest
from tests.web.test_fuzz import EXAMPLES, streams
from tests.web.test_shortcut import PLAIN, UNUSUAL
from tests.web.wire import Wire
from tests.web.world import World

BODIES = (
    request("/", "PATCH", b"12345"),
    request("/slow"),
    request("/other"),
    request("/nope"),
    request("/broken", "POST"),
    b"PATCH / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5;a=b\r\n12345\r\n0\r\nA: b\r\n\r\n",
    b"PATCH / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n",
)
BOUNDS = Bounds(head=4000, body=100)
CORPUS = (*PLAIN, *UNUSUAL, *BODIES)


class BothWaysTests(SynchronousTestCase):
    """Two sites, one of which knows no shortcut, are told apart by nothing."""

    def told(
        self, parts: list[bytes], reads: bool, ends: bool, shortcuts: bool
    ) -> object:
        """All that a client, the routes and other protocols see of a connection."""
        world = World(BOUNDS, shortcuts=shortcuts)
        wire = world.connect(reads)
        after: list[object] = []
        for part in parts:
            wire.send(part)
            after.append((len(wire.received), wire.written, wire.end))
            world.clock.advance(0.3)
        if ends:
            wire.send_no_more()
        self.finish(world, wire)
        others = [(other.received, other.events) for other in world.others]
        # What is found to be long is asked for again, to be sent the long way.
        begun = [path for path, _ in groupby(world.begun)]
        return after, wire.received, wire.end, wire.unread, begun, others

    def finish(self, world: World, wire: Wire) -> None:
        """Let a connection come to its end."""
        wire.wait(1)
        wire.read_on()
        while world.slow:
            world.answer()
        wire.wait(50)

    def assert_same(
        self, parts: list[bytes], reads: bool = True, ends: bool = False
    ) -> None:
        """Both sites do the same."""
        with_them, without = (
            self.told(parts, reads, ends, shortcuts) for shortcuts in (True, False)
        )
        self.assertEqual(with_them, without, parts)
        self.flushLoggedErrors(ValueError)

    def test_corpus(self) -> None:
        """Awkward requests, whole."""
        for each in CORPUS:
            self.assert_same([each])
            self.assert_same([each], ends=True)

    def test_behind(self) -> None:
        """Awkward requests behind plain ones, and plain ones behind them."""
        plain = request("/")[:-4] + b"\r\n\r\n"
        for each in CORPUS:
            self.assert_same([PLAIN[0], each, PLAIN[1], plain])
            self.assert_same([PLAIN[0] + each + PLAIN[0]])

    def test_every_byte(self) -> None:
        """Requests that are cut in two, wherever that is."""
        for each in (PLAIN[0], PLAIN[2], PLAIN[5]):
            for cut in range(len(each)):
                self.assert_same([each[:cut], each[cut:]])
                self.assert_same([PLAIN[0], PLAIN[0] + each[:cut], each[cut:]])

    def test_bytewise(self) -> None:
        """Requests that come byte by byte."""
        for each in (PLAIN[0], PLAIN[4], *BODIES):
            self.assert_same([bytes([byte]) for byte in each * 2])

    @settings(max_examples=2 * EXAMPLES, deadline=None)
    @given(streams(), st.booleans(), st.booleans())
    def test_streams(self, parts: list[bytes], reads: bool, ends: bool) -> None:
        """Streams that nobody has thought of."""
        self.assert_same(parts, reads, ends)

    @settings(max_examples=2 * EXAMPLES, deadline=None)
    @given(st.lists(st.sampled_from(CORPUS), max_size=6), st.data())
    def test_sequences(self, requests: list[bytes], data: st.DataObject) -> None:
        """Known requests in any order, in pieces of any size."""
        stream = b"".join(requests)
        places = st.lists(st.integers(0, len(stream)), max_size=4)
        joints = [len(b"".join(requests[:count])) for count in range(len(requests))]
        cuts = sorted({0, *data.draw(places), *joints, len(stream)})
        if data.draw(st.booleans()):
            cuts = [cut for cut in cuts if cut not in joints[1:]]
        self.assert_same(
            [stream[a:b] for a, b in pairwise(cuts)], data.draw(st.booleans())
        )


class SocketsTests(SocketCase):
    """Two sockets, only one of which has our own transports."""

    bounds = BOUNDS

    def setUp(self) -> None:
        """Listen twice."""
        super().setUp()
        plain = World(self.bounds, self.reactor, shortcuts=False)
        endpoint = UNIXServerEndpoint(self.reactor, self.path + "2", backlog=1000)
        port = self.successResultOf(endpoint.listen(plain.site))
        self.addCleanup(port.stopListening)
        self.addCleanup(plain.site.drain)

    def told(self, path: str, sent: bytes) -> list[object]:
        """The answers to what is sent."""
        connection = connected(path)
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        responses = rest(connection)
        for response in responses:
            response.headers.pop("date", None)
        return [astuple(response) for response in responses]

    async def test_corpus(self) -> None:
        """Awkward requests, twice each, are answered the same at both."""
        for each in CORPUS:
            if b"/slow" in each or b"/other" in each:
                continue
            for sent in (each, PLAIN[0] + each):
                with_them, without = [
                    await deferToThread(self.told, path, sent)
                    for path in (self.path, self.path + "2")
                ]
                self.assertEqual(with_them, without, sent)
        self.flushLoggedErrors(ValueError)
