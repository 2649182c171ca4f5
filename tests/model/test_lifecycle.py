"""Tests of what an instance's data say about its life."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from devlxd.model.identity import Boot
from devlxd.model.instance import Instance
from devlxd.model.lifecycle import BOOT, READY, is_ready, ready, started, stopped
from devlxd.model.names import InstanceName

C1 = Instance(InstanceName("default", "c1"), config={"user.a": "1"})
FIRST, SECOND = Boot(10, "first"), Boot(10, "second")


class LifecycleTests(SynchronousTestCase):
    """Tests of the rules."""

    def test_ready(self) -> None:
        """An instance is ready when it said so last."""
        self.assertFalse(is_ready(C1))
        self.assertTrue(is_ready(ready(C1, True)))
        self.assertFalse(is_ready(ready(ready(C1, True), False)))
        self.assertEqual(dict(ready(C1, True).config), {"user.a": "1", READY: "true"})

    def test_start(self) -> None:
        """An instance that starts is not ready, whatever it said in its last life."""
        for before in (C1, ready(C1, True), started(ready(C1, True), FIRST)):
            self.assertEqual(
                dict(started(before, SECOND).config),
                {"user.a": "1", BOOT: "second", READY: "false"},
            )

    def test_lived_on(self) -> None:
        """An instance that is seen again in the same life is not touched."""
        before = ready(started(C1, FIRST), True)
        self.assertIs(started(before, Boot(10, "first")), before)

    def test_stop(self) -> None:
        """An instance that ended is not ready and in no life."""
        after = stopped(ready(started(C1, FIRST), True))
        self.assertEqual(dict(after.config), {"user.a": "1", READY: "false"})
        self.assertEqual(stopped(after), after)
