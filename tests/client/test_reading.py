"""Tests of devlxd.client.reading."""

from __future__ import annotations

import io
import os
import socket
from typing import Any, BinaryIO, cast

from twisted.internet import reactor
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IReadDescriptor
from twisted.trial.unittest import TestCase
from zope.interface.verify import verifyObject

from devlxd.client.reading import Hangup, is_pipe, while_read
from devlxd.client.show import ReaderGone
from tests.client.sockets import directory, later

_reactor: Any = reactor


def opened(number: int, mode: str = "w") -> BinaryIO:
    """A file, without a buffer."""
    return cast(BinaryIO, io.FileIO(number, mode))


def watched() -> int:
    """How many pipes are watched."""
    return sum(isinstance(each, Hangup) for each in _reactor.getReaders())


async def done(waiting: Deferred[None], ends: list[str]) -> None:
    """Work until something happens, and say whether one was stopped."""
    try:
        await waiting
    finally:
        ends.append("over")


class ReadingTests(TestCase):
    """Work for a reader."""

    timeout = 20

    def setUp(self) -> None:
        """Have a pipe, and work to do."""
        reading, writing = os.pipe()
        self.reader = opened(reading, "r")
        self.writer = opened(writing)
        self.addCleanup(self.reader.close)
        self.addCleanup(self.writer.close)
        self.waiting: Deferred[None] = Deferred()
        self.ends: list[str] = []

    def work(self, out: BinaryIO) -> Deferred[None]:
        """Work."""
        return Deferred.fromCoroutine(
            while_read(_reactor, out, done(self.waiting, self.ends))
        )

    def test_descriptor(self) -> None:
        """The reactor can watch it, and reads nothing."""
        hangup = Hangup(self.writer.fileno(), list)
        verifyObject(IReadDescriptor, hangup)
        hangup.doRead()
        self.assertEqual(hangup.logPrefix(), "output")

    async def test_gone(self) -> None:
        """When the other end of a pipe is closed, the work ends at once."""
        working = self.work(self.writer)
        await later(0.01)
        self.assertEqual((watched(), self.ends), (1, []))
        self.reader.close()
        with self.assertRaises(ReaderGone):
            await working
        self.assertEqual(self.ends, ["over"])
        self.assertEqual(watched(), 0)

    async def test_done(self) -> None:
        """When the work is done, the pipe is watched no more."""
        working = self.work(self.writer)
        self.assertEqual(watched(), 1)
        self.waiting.callback(None)
        await working
        self.assertEqual(watched(), 0)

    async def test_cancelled(self) -> None:
        """Who cancels it is not told that the reader is gone."""
        working = self.work(self.writer)
        working.cancel()
        with self.assertRaises(CancelledError):
            await working
        self.assertEqual(self.ends, ["over"])

    async def test_other(self) -> None:
        """What is no pipe is not watched."""
        working = self.work(cast(BinaryIO, io.BytesIO()))
        self.assertEqual(watched(), 0)
        self.waiting.callback(None)
        await working

    def test_pipes(self) -> None:
        """A pipe is one that only the other side reads."""
        self.assertTrue(is_pipe(self.writer))
        self.assertFalse(is_pipe(self.reader))
        self.assertFalse(is_pipe(io.BytesIO()))
        one, other = socket.socketpair()
        with one, other, opened(os.dup(one.fileno())) as out:
            self.assertFalse(is_pipe(out))
        path = f"{directory(self)}/fifo"
        os.mkfifo(path)
        with opened(os.open(path, os.O_RDWR), "r+") as both:
            self.assertFalse(is_pipe(both))
