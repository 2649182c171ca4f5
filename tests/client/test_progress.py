"""Tests of devlxd.client.progress."""

from __future__ import annotations

import io
import os
import pty
import struct
from fcntl import ioctl
from termios import TIOCSWINSZ

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from devlxd.client.progress import (
    Pace,
    Progress,
    amount,
    duration,
    progress_line,
    terminal_width,
)

MIB = 1 << 20


class Screen(io.StringIO):
    """What is written to a terminal."""

    def isatty(self) -> bool:
        """It is one."""
        return True


class Torn(Screen):
    """A terminal that was closed."""

    def write(self, text: str) -> int:
        """Nothing goes there any more."""
        raise OSError(5, "Input/output error")


class FormatTests(SynchronousTestCase):
    """How a line reads."""

    def test_amount(self) -> None:
        """Bytes have few digits and a unit, whatever their number is."""
        self.assertEqual(
            [amount(n) for n in (0, 999, 1000, 1536, 99.94 * 1024, 99.96 * 1024)],
            ["0 B", "999 B", "1.0 KiB", "1.5 KiB", "99.9 KiB", "100 KiB"],
        )
        self.assertEqual(amount(1.5 * (1 << 30)), "1.5 GiB")
        self.assertEqual(amount(1 << 54), "16384 TiB")

    def test_duration(self) -> None:
        """Times read as on a clock."""
        self.assertEqual(
            [duration(s) for s in (0.4, 7, 760, 10_800, -1)],
            ["0:00", "0:07", "12:40", "3:00:00", "0:00"],
        )

    def test_whole(self) -> None:
        """A line has the share, a bar, bytes, rate and remaining time, and fills the
        width."""
        line = progress_line(Pace(25 * MIB, 100 * MIB, 5 * MIB), 80)
        self.assertEqual(
            line,
            " 25%  [======                     ]  25.0 MiB of 100 MiB"
            "  5.0 MiB/s  0:15 left",
        )

    def test_narrow(self) -> None:
        """Where there is little room the bar goes first, and then the end."""
        pace = Pace(25 * MIB, 100 * MIB, 5 * MIB)
        self.assertEqual(
            progress_line(pace, 55), " 25%  25.0 MiB of 100 MiB  5.0 MiB/s  0:15 left"
        )
        self.assertEqual(progress_line(pace, 10), " 25%  25.0")

    def test_unknown(self) -> None:
        """Of a transfer whose end nobody knows there is neither share nor remaining
        time."""
        self.assertEqual(progress_line(Pace(10, None, 2.0)), "10 B  2 B/s")

    def test_standing(self) -> None:
        """A transfer that stands has no remaining time."""
        self.assertNotIn("left", progress_line(Pace(1, 10, 0.0)))

    def test_beyond(self) -> None:
        """More than all is all, and nothing of nothing has no share."""
        self.assertEqual(Pace(11, 10, 1.0).share, 1.0)
        self.assertEqual(Pace(11, 10, 1.0).remaining, 0)
        self.assertIsNone(Pace(0, 0, 1.0).share)


class ProgressTests(SynchronousTestCase):
    """Tests of `Progress`."""

    def setUp(self) -> None:
        """Have a terminal and a clock."""
        self.screen = Screen()
        self.clock = Clock()
        self.progress = Progress(self.screen, self.clock.seconds)

    def lines(self) -> list[str]:
        """What was drawn."""
        return self.screen.getvalue().split("\r\x1b[K")[1:]

    def test_draws(self) -> None:
        """It draws over the line again and again, and leaves it blank."""
        self.progress.start(10)
        for _ in range(2):
            self.clock.advance(1)
            self.progress.advance(5)
        self.progress.end()
        self.progress.end()
        first, second, last = self.lines()
        self.assertIn("5 B of 10 B  5 B/s  0:01 left", first)
        self.assertIn("100%", second)
        self.assertEqual(last, "")

    def test_sparing(self) -> None:
        """It draws a few times a second, however many pieces there are."""
        self.progress.start(None)
        for _ in range(100):
            self.clock.advance(0.01)
            self.progress.advance(1)
        self.assertLessEqual(len(self.lines()), 5)

    def test_recent(self) -> None:
        """The rate is that of the last seconds."""
        self.progress.start(None)
        for size in (1000, *[10] * 20):
            self.clock.advance(1)
            self.progress.advance(size)
        self.assertIn(" 10 B/s", self.lines()[-1])

    def test_again(self) -> None:
        """It can be started again, from nothing."""
        self.progress.start(10)
        self.clock.advance(1)
        self.progress.advance(10)
        self.progress.end()
        self.progress.start(4)
        self.clock.advance(1)
        self.progress.advance(1)
        self.assertIn("1 B of 4 B", self.lines()[-1])

    def test_no_terminal(self) -> None:
        """Where there is no terminal, nothing is written."""
        out = io.StringIO()
        progress = Progress(out, self.clock.seconds)
        progress.start(10)
        self.clock.advance(1)
        progress.advance(1)
        progress.end()
        self.assertEqual(out.getvalue(), "")

    def test_torn(self) -> None:
        """A terminal that is closed meanwhile does not end the transfer."""
        progress = Progress(Torn(), self.clock.seconds)
        progress.start(10)
        self.clock.advance(1)
        progress.advance(1)
        progress.end()

    def test_width(self) -> None:
        """A terminal says how wide it is; one that does not is as wide as they were."""
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        with os.fdopen(theirs, "w") as terminal:
            self.assertEqual(terminal_width(terminal), 80)
            ioctl(theirs, TIOCSWINSZ, struct.pack("HHHH", 24, 33, 0, 0))
            self.assertEqual(terminal_width(terminal), 33)
        self.assertEqual(terminal_width(io.StringIO()), 80)
