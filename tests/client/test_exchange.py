"""Tests of devlxd.client.exchange, with services that fail it on real sockets."""

from __future__ import annotations

from twisted.internet.defer import CancelledError, Deferred

from devlxd.client.failures import BadAnswer, ConnectionLost, TimedOut
from tests.client.service import Always, site
from tests.client.sockets import SocketTestCase, client_of, later, listening
from tests.client.wire import OK, Tally, endless, saying, silent

CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


class TimeTests(SocketTestCase):
    """The answer takes too long."""

    async def test_silence(self) -> None:
        """A service that says nothing is given up."""
        path = listening(self, silent())
        self.assertEqual(
            await self.complaint(client_of(path, 0.05).info(), TimedOut),
            f"{path}: no answer within 0.05 s; ask again, or allow more time",
        )

    async def test_half_a_head(self) -> None:
        """A service that falls silent in the head is given up."""
        path = listening(self, saying(OK + b"Content-Ty", close=False))
        await self.complaint(client_of(path, 0.05).info(), TimedOut)

    async def test_half_a_body(self) -> None:
        """A service that falls silent in the body is given up and left."""
        tally = Tally()
        head = OK + b"Content-Length: 10\r\n\r\nhalf"
        path = listening(self, endless(tally, head, b""))
        await self.complaint(client_of(path, 0.2).info(), TimedOut)
        await tally.ended

    async def test_cancelled(self) -> None:
        """Who cancels a question hears that, and the connection ends."""
        for head in (b"", OK, OK + b"Content-Length: 10\r\n\r\nhalf"):
            tally = Tally()
            path = listening(self, endless(tally, head, b""))
            info = Deferred.fromCoroutine(client_of(path).info())
            await tally.asked
            # What was said so far is on its way.
            await later(0.02)
            info.cancel()
            with self.assertRaises(CancelledError):
                await info
            await tally.ended


class BrokenTests(SocketTestCase):
    """The answer breaks off, or makes no sense."""

    async def test_closed(self) -> None:
        """A connection that is closed before the answer is complete is lost."""
        for answer in (
            b"",
            b"HTTP/1.1 20",
            OK,
            OK + b"Content-Length: 10\r\n",
            OK + b"Content-Length: 10\r\n\r\n",
            OK + b"Content-Length: 10\r\n\r\nhalf",
            CHUNKED + b"4\r\nhalf",
            CHUNKED + b"4\r\nhalf\r\n",
        ):
            path = listening(self, saying(answer))
            self.assertEqual(
                await self.complaint(client_of(path).metadata(), ConnectionLost),
                f"{path}: the service closed the connection early; ask again",
            )

    async def test_garbage(self) -> None:
        """What is not HTTP is a bad answer."""
        for answer in (
            b"220 mail.example.com ESMTP\r\n",
            b"garbage\r\n\r\n",
            b"\x00\xff\r\n" * 100,
            b"HTTP/1.1 fine\r\n\r\n",
            OK + b"no colon\r\n\r\n",
            OK + b"Content-Length: many\r\n\r\n",
            CHUNKED + b"many\r\nhalf",
        ):
            path = listening(self, saying(answer, close=False))
            self.assertEqual(
                await self.complaint(client_of(path).metadata(), BadAnswer),
                f"{path}: GET /1.0/meta-data was answered with something that is not "
                "HTTP; is it LXD's guest API that listens there?",
            )

    async def test_compressed(self) -> None:
        """A compressed answer is a bad one, whether or not it could be unpacked."""
        answer = Always(200, b"junk", {"Content-Encoding": "gzip"})
        self.assertIn(
            "the answer is compressed",
            await self.complaint(
                client_of(listening(self, site(answer))).metadata(), BadAnswer
            ),
        )

    async def test_huge(self) -> None:
        """A body of 10 GB is given up at its bound, whether or not it says its size."""
        part = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        for head in (
            CHUNKED,
            OK + b"Content-Length: 10000000000\r\n\r\n",
            OK + b"\r\n",
            b"HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n",
        ):
            tally = Tally()
            path = listening(self, endless(tally, head, part))
            self.assertIn(
                "more than 16777216 bytes",
                await self.complaint(client_of(path).metadata(), BadAnswer),
            )
            await tally.ended
            self.assertLess(tally.sent, 20_000_000)

    async def test_endless_line(self) -> None:
        """A head with a line of no end is given up."""
        tally = Tally()
        path = listening(self, endless(tally, OK + b"X: ", b"x" * 0x10000))
        await self.complaint(client_of(path).metadata(), ConnectionLost)
        await tally.ended
