"""Tests of devlxd.client.position."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from devlxd.client.events import Event, Gap, Latest, Message
from devlxd.client.position import Position


def event(seq: int | None) -> Event:
    """An event."""
    return Event("config", "", {}, seq)


class PositionTests(SynchronousTestCase):
    """What a reader is told."""

    def told(self, position: Position, *messages: Message) -> list[object]:
        """What it is told when the service says this."""
        return [told for each in messages for told in position.told(each)]

    def test_target(self) -> None:
        """One asks for what comes after the last event, and for some types only."""
        self.assertEqual(Position(None).target(()), "/1.0/events?since=latest")
        self.assertEqual(
            Position(0).target(["config", "a&b"]),
            "/1.0/events?type=config%2Ca%26b&since=0",
        )
        self.assertEqual(
            Position(0).target("config,device"),
            "/1.0/events?type=config%2Cdevice&since=0",
        )

    def test_latest(self) -> None:
        """The number of the latest event is where to go on, and is not told."""
        position = Position(None)
        self.assertEqual(self.told(position, Latest(7)), [])
        self.assertEqual(position.since, 7)

    def test_numbers(self) -> None:
        """Each event is told once, and is where to go on."""
        position = Position(3)
        self.assertEqual(
            self.told(position, event(3), event(4), event(4), event(2), event(6)),
            [event(4), event(6)],
        )
        self.assertEqual(position.since, 6)

    def test_gap(self) -> None:
        """After a gap one goes on with what is there."""
        position = Position(3)
        self.assertEqual(
            self.told(position, Gap(3, 6), event(5), event(6)), [Gap(3, 6), event(6)]
        )

    def test_anew(self) -> None:
        """A service that has lost its numbers is followed where it begins anew."""
        position = Position(500)
        self.assertEqual(
            self.told(position, Gap(500, 4), event(4), event(5)),
            [Gap(500, 4), event(4), event(5)],
        )
        self.assertEqual(position.since, 5)

    def test_unnumbered(self) -> None:
        """Where events have no numbers, nothing is known to be missing at first."""
        position = Position(None)
        self.assertEqual(
            self.told(position, event(None), event(None)), [event(None), event(None)]
        )
        self.assertIsNone(position.since)

    def test_interrupted(self) -> None:
        """Where events have no numbers, some may be missing after each interruption."""
        position = Position(None)
        position.interrupted()
        self.assertEqual(
            self.told(position, event(None), event(None)),
            [Gap(None, None), event(None), event(None)],
        )

    def test_unnumbered_since(self) -> None:
        """Where events have no numbers, none are told of the past."""
        self.assertEqual(
            self.told(Position(5), event(None)), [Gap(5, None), event(None)]
        )

    def test_numbered_interrupted(self) -> None:
        """Where events have numbers, none are missing after an interruption."""
        position = Position(5)
        position.interrupted()
        self.assertEqual(self.told(position, event(6)), [event(6)])

    @given(st.integers(0, 9), st.lists(st.integers(0, 20)))
    def test_once(self, since: int, seqs: list[int]) -> None:
        """Whatever a service repeats, numbers only grow."""
        told = self.told(Position(since), *map(event, seqs))
        numbers = [since, *(each.seq for each in told if isinstance(each, Event))]
        self.assertEqual(numbers, sorted(set(numbers)))
        self.assertEqual(numbers[-1], max([since, *seqs]))
