"""All connections together."""

from __future__ import annotations

from twisted.internet.error import ConnectionDone
from twisted.logger import capturedLogs
from twisted.trial.unittest import SynchronousTestCase

from devlxd.web.bounds import Bounds
from tests.web.case import request
from tests.web.world import World


class Listening:
    """A port that only knows whether it accepts."""

    def __init__(self) -> None:
        self.accepts = True

    def pauseProducing(self) -> None:
        """Accept no more."""
        self.accepts = False

    def resumeProducing(self) -> None:
        """Accept again."""
        self.accepts = True


class FullTests(SynchronousTestCase):
    """As many connections as there may be."""

    def setUp(self) -> None:
        """Make a site for three of them."""
        self.world = World(Bounds(connections=3))
        self.site = self.world.site
        self.listening = self.site.port = Listening()

    def test_port(self) -> None:
        """The site knows its port."""
        self.assertIs(self.site.port, self.listening)

    def test_full(self) -> None:
        """The port is held while there are as many, and let go when there are less."""
        wires = []
        for expected in (True, True, False):
            wires.append(self.world.connect())
            self.assertEqual(self.listening.accepts, expected)
            self.assertEqual(self.site.is_full(), not expected)
        for wire in wires:
            wire.vanish()
            self.assertTrue(self.listening.accepts)

    def test_more(self) -> None:
        """Who was accepted nevertheless is served, and the port held the longer."""
        wires = [self.world.connect() for _ in range(5)]
        for wire in wires[:3]:
            self.assertFalse(self.listening.accepts)
            self.assertEqual(wire.ask(request()).status, 200)
            wire.vanish()
        self.assertTrue(self.listening.accepts)

    def test_drain(self) -> None:
        """A port is left alone when the service ends."""
        wires = [self.world.connect() for _ in range(3)]
        self.site.drain()
        for wire in wires:
            wire.go_on()
        self.assertFalse(self.listening.accepts)

    def test_no_port(self) -> None:
        """A site whose port is not known serves all."""
        self.site.port = None
        for _ in range(5):
            self.assertEqual(self.world.connect().ask(request()).status, 200)

    def test_exhausted(self) -> None:
        """A port that cannot accept is held for a moment, also when nobody leaves."""
        self.site.cannot_accept()
        self.assertFalse(self.listening.accepts)
        self.world.clock.advance(0.25)
        self.assertTrue(self.listening.accepts)

    def test_exhausted_log(self) -> None:
        """It is said once in a minute that a port cannot accept."""
        with capturedLogs() as said:
            for _ in range(479):
                self.site.cannot_accept()
                self.world.clock.advance(0.25)
        self.assertEqual(
            [event["log_format"] for event in said],
            ["No file descriptor is left: connections have to wait"] * 2,
        )


class WatchTests(SynchronousTestCase):
    """The timer."""

    def setUp(self) -> None:
        """Make a site."""
        self.world = World()

    def test_one_timer(self) -> None:
        """However many connections there are, there is one timer."""
        for _ in range(10):
            self.world.connect()
        self.assertEqual(len(self.world.clock.getDelayedCalls()), 1)

    def test_stopped(self) -> None:
        """It ends with the port when there are no connections."""
        self.world.site.doStop()
        self.assertEqual(self.world.clock.getDelayedCalls(), [])

    def test_stopped_later(self) -> None:
        """It ends with the last connection when the port was closed before."""
        wires = [self.world.connect() for _ in range(2)]
        self.world.site.doStop()
        self.assertEqual(len(self.world.clock.getDelayedCalls()), 1)
        wires[0].vanish()
        wires[1].wait(3.5)
        self.assertEqual(wires[1].end, ConnectionDone)
        self.assertEqual(self.world.clock.getDelayedCalls(), [])

    def test_again(self) -> None:
        """It begins again when the site is started again."""
        self.world.site.doStop()
        self.world.site.doStart()
        wire = self.world.connect()
        wire.wait(3.5)
        self.assertEqual(wire.end, ConnectionDone)
