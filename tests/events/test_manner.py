"""How guests are told of events."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from devlxd.events.manner import Manner
from devlxd.model.event import Event, EventType


def _device(action: str) -> Event:
    return Event(EventType.DEVICE, {"action": action, "config": {}, "name": "eth0"})


class MannerTests(SynchronousTestCase):
    """`Manner` says of which events they are told."""

    def test_updates(self) -> None:
        """Changes of a device in use are told of, or not; everything else is."""
        key = Event(EventType.CONFIG, {"key": "user.a", "old_value": "", "value": "1"})
        for manner in (Manner(), Manner(tells_updates=True)):
            for event in (key, _device("added"), _device("removed")):
                self.assertTrue(manner.tells(event))
            self.assertEqual(manner.tells(_device("updated")), manner.tells_updates)
