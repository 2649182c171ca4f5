"""Which events of life a change is told as."""

from __future__ import annotations

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from devlxd.host.lifecycle import (
    Lifecycle,
    of_instance,
    of_profile,
    of_project,
    readied,
)
from devlxd.model import lifecycle
from devlxd.model.change import Change, ProfileChange
from devlxd.model.event import Event, EventType
from devlxd.model.expansion import Expanded
from devlxd.model.identity import Boot
from devlxd.model.instance import Instance, Profile
from devlxd.model.names import InstanceName, ProfileName

C1 = InstanceName("default", "c1")
C2 = InstanceName("lab", "c2")
P1 = ProfileName("default", "p1")
P2 = ProfileName("lab", "p2")
BOOT = Boot(7, "life")

_NEW = Instance(C1)
_LIVES = lifecycle.started(_NEW, BOOT)
_READY = lifecycle.ready(_LIVES, True)


def told(before: Instance | None, after: Instance | None) -> list[str]:
    """The actions that a change of `C1` is told as."""
    old, new = (None if each is None else Expanded(each) for each in (before, after))
    return [what.action for what in of_instance(Change(C1, old, new))]


class InstanceTests(SynchronousTestCase):
    """`of_instance`."""

    def test_made(self) -> None:
        """An instance is created, updated and deleted."""
        other = evolve(_NEW, config={"user.a": "1"})
        self.assertEqual(told(None, _NEW), ["instance-created"])
        self.assertEqual(told(_NEW, other), ["instance-updated"])
        self.assertEqual(told(other, None), ["instance-deleted"])

    def test_nothing(self) -> None:
        """One that is what it was is told of as nothing."""
        self.assertEqual(told(_NEW, evolve(_NEW)), [])

    def test_lives(self) -> None:
        """It starts and stops, and starts anew; none of that is an update."""
        again = lifecycle.started(_READY, Boot(8, "another life"))
        self.assertEqual(told(_NEW, _LIVES), ["instance-started"])
        self.assertEqual(told(_READY, again), ["instance-started"])
        self.assertEqual(told(_READY, lifecycle.stopped(_READY)), ["instance-stopped"])

    def test_ready(self) -> None:
        """That it is ready is told by itself, not as an update."""
        self.assertEqual(told(_LIVES, _READY), [])
        self.assertEqual(
            readied(C1), Lifecycle("instance-ready", "default", "/1.0/instances/c1")
        )

    def test_both(self) -> None:
        """An update at the same time is told as well, and first."""
        other = evolve(_LIVES, description="Text")
        self.assertEqual(told(_NEW, other), ["instance-updated", "instance-started"])

    def test_profile(self) -> None:
        """What a profile changes is an update."""
        one, two = (Expanded(_NEW, (Profile(P1, description=x),)) for x in "ab")
        [what] = of_instance(Change(C1, one, two))
        self.assertEqual(what.action, "instance-updated")

    def test_renamed(self) -> None:
        """Another name is told once, with the old one and where it is now."""
        state = Expanded(Instance(C2))
        gone = Change(C1, Expanded(_NEW), None, renamed_to=C2)
        come = Change(C2, None, state, renamed_from=C1)
        self.assertEqual([*of_instance(gone)], [])
        url = "/1.0/instances/c2?project=lab"
        self.assertEqual(
            [*of_instance(come)],
            [Lifecycle("instance-renamed", "lab", url, {"old_name": "c1"})],
        )


class ProfileTests(SynchronousTestCase):
    """`of_profile`."""

    def test_made(self) -> None:
        """A profile is created, updated and deleted."""
        one, two = Profile(P1), Profile(P1, description="Text")
        for before, after, action in (
            (None, one, "profile-created"),
            (one, two, "profile-updated"),
            (two, None, "profile-deleted"),
        ):
            self.assertEqual(
                [*of_profile(ProfileChange(P1, before, after))],
                [Lifecycle(action, "default", "/1.0/profiles/p1")],
            )

    def test_renamed(self) -> None:
        """Another name is told once."""
        gone = ProfileChange(P1, Profile(P1), None, renamed_to=P2)
        come = ProfileChange(P2, None, Profile(P2), renamed_from=P1)
        self.assertEqual([*of_profile(gone)], [])
        url = "/1.0/profiles/p2?project=lab"
        self.assertEqual(
            [*of_profile(come)],
            [Lifecycle("profile-renamed", "lab", url, {"old_name": "p1"})],
        )


class ProjectTests(SynchronousTestCase):
    """`of_project`."""

    def test_changed(self) -> None:
        """What happens to a project is told to those who listen to it."""
        url = "/1.0/projects/lab"
        self.assertEqual(
            of_project("created", "lab"), Lifecycle("project-created", "lab", url)
        )

    def test_renamed(self) -> None:
        """Another name is told with the old one."""
        told = of_project("renamed", "lab", "shop")
        self.assertEqual(told.action, "project-renamed")
        self.assertEqual(told.context, {"old_name": "shop"})


class EventTests(SynchronousTestCase):
    """`Lifecycle.event`."""

    def test_form(self) -> None:
        """Metadata are in LXD's order, and have a context only if there is one."""
        self.assertEqual(
            Lifecycle("image-created", "lab", "/1.0/images/x").event(),
            Event(
                EventType.LIFECYCLE,
                {"action": "image-created", "source": "/1.0/images/x"},
                "none",
                "lab",
            ),
        )
        metadata = Lifecycle("a", "p", "/s", {"k": 1}).event().metadata
        self.assertEqual([*metadata.items()][2:], [("context", {"k": 1})])
