"""One guest asks as much as it can, and the others are served all the same."""

from __future__ import annotations

import json
import subprocess
import time
from collections import Counter
from statistics import median
from typing import ClassVar

from attrs import frozen

from tests.attacks import case
from tests.attacks.length import longer, tell
from tests.peers.service import until

_LIMIT = 64
_GROWTH = 16  # MiB


@frozen
class Flood:
    """A running flood."""

    _process: subprocess.Popen[str]

    def counted(self) -> Counter[str]:
        """What it has counted since it began."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return Counter(json.loads(self._process.stdout.readline()))

    def end(self) -> None:
        """Let it end."""
        self._process.communicate()


class Flooded(case.AttackCase):
    """Tests with a guest that floods the service, and another one."""

    options: ClassVar[tuple[str, ...]] = (
        f"--max-connections={_LIMIT}",
        "--idle-time=600",
    )

    def setUp(self) -> None:
        """Start them."""
        super().setUp()
        self.red, self.blue = self.guest("red"), self.guest("blue")

    def flood(self, kind: str, connections: int = _LIMIT) -> Flood:
        """A flood that has begun and lasts until the end of the test."""
        flood = Flood(self.red.started("flooding", self.path, connections, kind))
        self.addCleanup(flood.end)
        # Where heads take too long they are not answered, but begun anew.
        until(lambda: flood.counted().total() > 2 * connections, "the flood")
        return flood


class FloodTests(Flooded):
    """Floods from a guest that holds as many connections as it may."""

    def assertServed(self, kind: str) -> None:
        """
        Fail unless the other guest is served while the service is flooded: for each
        answer that it gets, the flood gets few on each of its connections.
        """
        connection, count = self.connection_of(self.blue), longer(20)
        quiet = self.times(connection, count)
        flood = self.flood(kind)
        before = flood.counted()["answers"]
        loud = self.times(connection, count)
        answers = (flood.counted()["answers"] - before) / count
        self.assertLess(answers, 20 * _LIMIT)
        tell(kind=kind, ratio=round(loud / quiet), answers=answers)

    def times(self, connection: case.Connection, count: int) -> float:
        """The median of the seconds that an answer takes."""
        times = []
        for _ in range(count):
            start = time.monotonic()
            self.assertEqual(connection.asked(), "200 blue")
            times.append(time.monotonic() - start)
        return median(times)

    def test_requests(self) -> None:
        """Thousands of requests that are sent at once are answered in turn."""
        self.assertServed("requests")

    def test_headers(self) -> None:
        """So are heads of thousands of headers."""
        self.assertServed("headers")

    def test_chunks(self) -> None:
        """So are bodies of thousands of chunks."""
        self.assertServed("chunks")

    def test_comings(self) -> None:
        """So are connections that come and go."""
        self.assertServed("comings")

    def test_limit(self) -> None:
        """It gets no connection more, and the others do."""
        held = [self.connection_of(self.red) for _ in range(_LIMIT)]
        self.assertEqual(self.told(self.red), "503 Too many connections")
        self.assertEqual(self.told(self.blue), "200 blue")
        self.assertEqual({each.asked() for each in held}, {"200 red"})
        held.pop().close()
        until(lambda: self.told(self.red) == "200 red", "room")


class ComingTests(Flooded):
    """What has ended LXD 5.0.2 within minutes (its pid map was not locked)."""

    options = ()

    def test_comings(self) -> None:
        """64 connections are opened, ask and are closed, over and over again."""
        pid, files = self.service.pid, self.files()
        flood = self.flood("comings")
        time.sleep(longer(1))
        size = self.size()
        time.sleep(longer(3))
        counted = flood.counted()
        grown = self.size() - size
        self.assertLess(grown, _GROWTH)
        self.assertEqual(counted["refused"], 0)
        flood.end()
        until(lambda: self.files() <= files, "the connections to end")
        self.assertEqual(self.service.pid, pid)
        self.assertEqual(self.told(self.blue), "200 blue")
        tell(**counted, grown=grown)


class SlowTests(Flooded):
    """Guests that take their time."""

    options = (f"--max-connections={_LIMIT}", "--head-time=2")

    def assertEnded(self, beginning: str, asks: str, answer: str) -> None:
        """
        Fail unless the connections of a guest are closed that send something byte by
        byte, and others are served meanwhile.

        :param beginning: what is sent at once.
        :param answer: the status line that each gets; none if it is empty.
        """
        words = (_LIMIT, beginning, asks)
        dripping = self.red.started("dripping", self.path, *words)
        assert dripping.stdout is not None
        self.assertEqual(dripping.stdout.readline(), "connected\n")
        self.assertEqual(self.told(self.blue), "200 blue")
        ended = json.loads(dripping.communicate(timeout=60)[0])
        self.assertEqual(ended, {answer: _LIMIT})
        self.assertEqual(self.told(self.red), "200 red")

    def test_head(self) -> None:
        """A head that comes byte by byte does not come to its end."""
        self.assertEnded("GET / HTTP/1.1\r\nHost: lxd\r\nX: ", "x", "")

    def test_body(self) -> None:
        """Nor does a body, which is told so."""
        head = "PATCH /1.0 HTTP/1.1\nHost:\nContent-Length: 9999\n\n"
        self.assertEnded(head, "x", "HTTP/1.1 400 Bad Request")

    def test_nothing(self) -> None:
        """Who sends nothing is not waited for."""
        self.assertEnded("", "", "")
