"""Tests of devlxd.client.forwarding, on real sockets."""

from __future__ import annotations

import socket
from functools import partial
from select import POLLHUP, poll

from twisted.internet.defer import gatherResults
from twisted.internet.threads import deferToThread

from tests.client.following import until
from tests.client.joined import JoinedTestCase, received, taken
from tests.client.sockets import later

LARGE = bytes(range(256)) * 16384
"""More than all buffers on the way hold."""


def is_closed(connection: socket.socket) -> bool:
    """Whether the other side neither sends nor takes anything any more."""
    polling = poll()
    polling.register(connection, 0)
    return any(event & POLLHUP for _, event in polling.poll(0))


async def closed(connection: socket.socket) -> None:
    """Wait for that."""
    await until(partial(is_closed, connection))


class ForwardingTests(JoinedTestCase):
    """Bytes go both ways."""

    async def ends(self) -> list[tuple[socket.socket, socket.socket]]:
        """Two connections, one from each side's point of view."""
        one, (near, far) = await self.joined(), await self.joined()
        return [one, (far, near)]

    async def test_both_ways(self) -> None:
        """All that is sent on one side arrives on the other, at the same time."""
        near, far = await self.joined()
        sending = [deferToThread(each.sendall, LARGE) for each in (near, far)]
        receiving = [deferToThread(taken, each, len(LARGE)) for each in (near, far)]
        self.assertEqual(await gatherResults(receiving), [LARGE] * 2)
        await gatherResults(sending)

    async def test_half_closed(self) -> None:
        """A side that sends no more is still sent all that the other one has to say."""
        for here, there in await self.ends():
            here.sendall(b"question")
            here.shutdown(socket.SHUT_WR)
            self.assertEqual(await deferToThread(received, there), b"question")
            answer = deferToThread(received, here)
            await deferToThread(there.sendall, LARGE)
            self.assertFalse(is_closed(there))
            there.close()
            self.assertEqual(await answer, LARGE)
            self.assertTrue(is_closed(here))

    async def test_half_closed_in_turn(self) -> None:
        """The connection ends when neither side sends any more."""
        for here, there in await self.ends():
            here.shutdown(socket.SHUT_WR)
            self.assertEqual(await deferToThread(received, there), b"")
            there.shutdown(socket.SHUT_WR)
            self.assertEqual(await deferToThread(received, here), b"")
            await closed(here)
            await closed(there)

    async def test_closed(self) -> None:
        """A side that has gone takes the other with it, though nothing is sent."""
        for here, there in await self.ends():
            here.close()
            self.assertEqual(await deferToThread(received, there), b"")
            await closed(there)

    async def test_reset(self) -> None:
        """So does one that goes without having read what it was sent."""
        for here, there in await self.ends():
            sending = deferToThread(there.sendall, LARGE)
            await later(0.05)
            here.close()
            with self.assertRaises((BrokenPipeError, ConnectionResetError)):
                await sending

    async def test_last_words(self) -> None:
        """What was sent before the end arrives, however much it is."""
        for here, there in await self.ends():

            def speak(here: socket.socket = here) -> None:
                here.sendall(LARGE)
                here.close()

            speaking = deferToThread(speak)
            await later(0.05)
            self.assertEqual(await deferToThread(received, there), LARGE)
            await speaking

    async def test_slow(self) -> None:
        """While one side does not read, little is kept for it."""
        for here, there in await self.ends():
            here.setblocking(False)
            sent = 0
            for _ in range(200):
                try:
                    sent += here.send(LARGE[sent:])
                except BlockingIOError:
                    await later(0.001)
            self.assertLess(sent, 2_000_000)
            here.close()
            self.assertEqual(await deferToThread(received, there), LARGE[:sent])
