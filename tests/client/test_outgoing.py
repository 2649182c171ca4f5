"""Tests of devlxd.client.outgoing."""

from __future__ import annotations

import io

from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.iweb import IBodyProducer
from zope.interface.verify import verifyObject

from devlxd.client.outgoing import Outgoing, form_of

LARGE = b"x" * 200_000


class OutgoingTests(SynchronousTestCase):
    """Tests of `Outgoing`."""

    def setUp(self) -> None:
        """Have something to send, and somebody to send it to."""
        self.clock = Clock()
        self.consumer = StringTransport()
        self.sent: list[int] = []
        parts = (b"first", io.BytesIO(LARGE), b"last")
        length = len(LARGE) + 9
        self.body = Outgoing(self.clock, parts, length, self.sent.append)

    def turn(self) -> None:
        """Let the reactor go round."""
        self.clock.advance(0)

    def test_interface(self) -> None:
        """It provides `IBodyProducer`."""
        verifyObject(IBodyProducer, self.body)

    def test_all(self) -> None:
        """All parts are sent in their order, piece by piece, and told."""
        done = self.body.startProducing(self.consumer)
        self.assertNoResult(done)
        for _ in range(10):
            self.turn()
        self.assertIsNone(self.successResultOf(done))
        self.assertEqual(self.consumer.value(), b"first" + LARGE + b"last")
        self.assertEqual(sum(self.sent), self.body.length)
        self.assertGreater(len(self.sent), 4)

    def test_paused(self) -> None:
        """Nothing is sent to who takes nothing."""
        done = self.body.startProducing(self.consumer)
        self.body.pauseProducing()
        for _ in range(10):
            self.turn()
        before = len(self.consumer.value())
        self.assertLess(before, len(LARGE))
        self.body.resumeProducing()
        for _ in range(10):
            self.turn()
        self.successResultOf(done)

    def test_stopped(self) -> None:
        """Who wants no more gets no more."""
        done = self.body.startProducing(self.consumer)
        self.body.stopProducing()
        self.turn()
        self.assertLess(len(self.consumer.value()), len(LARGE))
        self.successResultOf(done)


class FormTests(SynchronousTestCase):
    """Tests of `form_of`."""

    def test_form(self) -> None:
        """Each file is a field, with its name."""
        file = io.BytesIO(b"content")
        parts = form_of([("a", "a.gz", file), ("b", "b", file)], "XX")
        self.assertEqual([part for part in parts if part is file], [file, file])
        around = [part for part in parts if isinstance(part, bytes)]
        self.assertEqual(
            around[0],
            b'--XX\r\nContent-Disposition: form-data; name="a"; filename="a.gz"\r\n'
            b"Content-Type: application/octet-stream\r\n\r\n",
        )
        self.assertEqual(around[-1], b"--XX--\r\n")
