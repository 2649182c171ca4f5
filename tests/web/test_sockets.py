"""Requests and answers over real sockets."""

from __future__ import annotations

from twisted.internet.endpoints import TCP4ServerEndpoint
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread
from twisted.logger import capturedLogs

from devlxd.web.bounds import Bounds
from tests.web.case import request
from tests.web.responses import Response
from tests.web.sockets import LAST, SocketCase, connected, rest


class ExchangeTests(SocketCase):
    """Requests and answers."""

    async def test_request(self) -> None:
        """A request is answered."""
        [response] = await deferToThread(self.exchange, LAST)
        self.assertEqual(response.body, b'["caller"]\n')

    async def test_pipelining(self) -> None:
        """Requests that come together are answered in order."""
        requests = b"".join(request(f"/size/{size}") for size in range(0, 90000, 997))
        responses = await deferToThread(self.exchange, requests, shut=True)
        sizes = [len(response.body) for response in responses]
        self.assertEqual(sizes, list(range(0, 90000, 997)))

    async def test_half_closed(self) -> None:
        """A peer that sends no more gets its answers, however long they take."""
        requests = request("/slow") + request("/size/300000") + request("/slow") + b"x"
        exchange = deferToThread(self.exchange, requests, shut=True)
        for _ in range(2):
            await self.until(lambda: self.world.slow)
            await deferLater(self.reactor, 0.05)
            self.world.answer()
        statuses = [response.status for response in await exchange]
        self.assertEqual(statuses, [200, 200, 200, 400])

    async def test_half_closed_body(self) -> None:
        """A peer that breaks off within a body is told so."""
        part = request("/", "PATCH", b"12345")[:-1]
        [response] = await deferToThread(self.exchange, part, shut=True)
        self.assertEqual(response.body, b"Invalid request body: unexpected EOF\n")

    async def test_too_large(self) -> None:
        """A body that is too large is answered while it is still sent."""

        def client() -> list[Response]:
            connection = connected(self.path)
            connection.sendall(b"PATCH / HTTP/1.1\r\nHost: x\r\n")
            connection.sendall(b"Content-Length: 9999999\r\n\r\n")
            try:
                for _ in range(100):
                    connection.sendall(b"x" * 100_000)
            except (BrokenPipeError, ConnectionResetError):
                pass
            return rest(connection)

        [response] = await deferToThread(client)
        self.assertEqual(response.status, 413)

    async def test_drain(self) -> None:
        """At the end, a peer gets its answer and is then left."""
        exchange = deferToThread(self.exchange, request("/slow") + request())
        await self.until(lambda: self.world.slow)
        drained = self.world.site.drain()
        self.world.answer()
        self.assertEqual([each.body for each in await exchange], [b"slow"])
        await drained

    async def test_gone(self) -> None:
        """What a peer asks for that goes away is done to its end."""

        def client() -> None:
            with connected(self.path) as connection:
                connection.sendall(request("/slow"))

        await deferToThread(client)
        await self.until(lambda: self.world.slow)
        self.world.answer()
        await self.nobody()


class TCPTests(SocketCase):
    """Other sockets, for development."""

    async def test_tcp(self) -> None:
        """A site may listen on TCP."""
        port = self.listen(TCP4ServerEndpoint(self.reactor, 0, interface="127.0.0.1"))
        address = ("127.0.0.1", port.getHost().port)

        def client() -> list[Response]:
            connection = connected(address)
            connection.sendall(LAST)
            return rest(connection)

        [response] = await deferToThread(client)
        self.assertEqual(response.status, 200)


class ShortTests(SocketCase):
    """Little time."""

    bounds = Bounds(head_time=0.5, idle_time=0.5, close_time=0.2)

    async def test_silent(self) -> None:
        """Peers that say nothing, or not enough, are left without a word."""
        for sent in (b"", b"GET /", b"GET / HTTP/1.1\r\n"):
            with capturedLogs() as said:
                responses = await deferToThread(self.exchange, sent)
            self.assertEqual((responses, said), ([], []))

    async def test_idle(self) -> None:
        """Peers that ask no more are left."""
        responses = await deferToThread(self.exchange, request())
        self.assertEqual(len(responses), 1)

    async def test_body(self) -> None:
        """Peers that do not send a body are told so."""
        part = request("/", "PATCH", b"12345")[:-1]
        [response] = await deferToThread(self.exchange, part)
        self.assertEqual(response.body, b"Invalid request body: i/o timeout\n")

    async def test_never_reads(self) -> None:
        """Peers that do not read their answers are left, and cost no more than one."""
        guest = await deferToThread(connected, self.path)
        self.addCleanup(guest.close)
        await deferToThread(guest.sendall, request("/size/900000") * 1000)
        await self.nobody()
        self.assertEqual(len(self.world.begun), 1)
