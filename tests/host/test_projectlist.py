"""Which projects there are."""

from __future__ import annotations

from attrs import evolve
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from devlxd.errors import BadRequest, Conflict, Forbidden, InvalidData, NoSuchProject
from devlxd.host.projectlist import Project
from devlxd.interfaces import IDraft
from devlxd.model.instance import Instance, Profile
from devlxd.model.names import InstanceName, ProfileName
from tests.host.talk import Talk


class ProjectsTests(SynchronousTestCase):
    """`Projects` knows those that were made, and those that things are in."""

    def setUp(self) -> None:
        """A host with nothing on it."""
        self.talk = Talk()
        self.projects = self.talk.host.projects

    def _names(self) -> list[str]:
        return [project.name for project in self.projects.all()]

    def test_default(self) -> None:
        """There always is ``default``, and it cannot go."""
        self.assertEqual(self._names(), ["default"])
        self.assertRaises(Forbidden, self.projects.delete, "default")

    def test_made(self) -> None:
        """One that was made is there, with all that it is, until it is deleted."""
        lab = Project("lab", "A laboratory", {"features.images": "false"})
        self.projects.create(lab)
        self.assertEqual(self._names(), ["default", "lab"])
        self.assertEqual(self.projects.get("lab"), lab)
        self.projects.update("lab", lambda old: evolve(old, description="Another"))
        self.assertEqual(self.projects.get("lab").description, "Another")
        self.projects.delete("lab")
        self.assertRaises(NoSuchProject, self.projects.get, "lab")
        self.assertRaises(NoSuchProject, self.projects.delete, "lab")

    def test_gone(self) -> None:
        """One that is deleted at the same time as it is changed stays away."""
        self.projects.create(Project("lab"))
        done: list[Deferred[object]] = []

        def meanwhile(draft: IDraft) -> None:
            done.append(self.projects.delete("lab"))
            done.append(self.projects.rename("lab", "shop"))
            done.append(self.projects.update("lab", lambda old: old))

        self.talk.store.transact(meanwhile)
        self.successResultOf(done.pop(0))
        for late in done:
            self.failureResultOf(late, NoSuchProject)
        self.assertEqual(self._names(), ["default"])

    def test_taken(self) -> None:
        """A name is taken once, and follows the rule of names."""
        self.projects.create(Project("lab"))
        for taken in ("lab", "default"):
            self.failureResultOf(self.projects.create(Project(taken)), Conflict)
        self.assertRaises(InvalidData, self.projects.create, Project("a_b"))

    def test_used(self) -> None:
        """One that something is in is there, and stays."""
        one, two = InstanceName("a", "c1"), ProfileName("b", "p1")
        self.talk.store.instances.create(Instance(one))
        self.talk.store.profiles.create(Profile(two))
        self.assertEqual(self._names(), ["a", "b", "default"])
        self.assertRaises(BadRequest, self.projects.delete, "a")
        self.assertEqual(self.projects.instances_in("a"), [one])
        self.assertEqual(self.projects.instances_in("b"), [])
        self.assertEqual(
            self.projects.profiles_in("b"), [ProfileName("b", "default"), two]
        )

    def test_default_profile(self) -> None:
        """Its default profile fills no project, and goes with it."""
        name = ProfileName("lab", "default")
        self.projects.create(Project("lab"))
        profiles = self.talk.store.profiles
        profiles.update(name, lambda old: evolve(old, description="Text"))
        self.assertEqual(self._names(), ["default", "lab"])
        self.projects.delete("lab")
        self.assertEqual(self._names(), ["default"])
        self.projects.create(Project("lab"))
        self.assertEqual(profiles.get(name), Profile(name))

    def test_renamed(self) -> None:
        """One that is renamed keeps all that it is, its default profile included."""
        self.projects.create(Project("lab", "A laboratory"))
        profiles = self.talk.store.profiles
        old, new = (ProfileName(name, "default") for name in ("lab", "shop"))
        profiles.update(old, lambda profile: evolve(profile, description="Text"))
        self.projects.rename("lab", "shop")
        self.assertEqual(self._names(), ["default", "shop"])
        self.assertEqual(self.projects.get("shop"), Project("shop", "A laboratory"))
        self.assertEqual(profiles.get(new), Profile(new, description="Text"))
        self.assertEqual(profiles.get(old), Profile(old))

    def test_not_renamed(self) -> None:
        """One that something is in, and the default one, keep their names."""
        self.talk.store.instances.create(Instance(InstanceName("a", "c1")))
        self.projects.create(Project("b"))
        self.assertRaises(BadRequest, self.projects.rename, "a", "c")
        self.assertRaises(Forbidden, self.projects.rename, "default", "c")
        self.assertRaises(NoSuchProject, self.projects.rename, "c", "d")
        self.assertRaises(InvalidData, self.projects.rename, "b", "a_b")
        for taken in ("a", "b", "default"):
            self.failureResultOf(self.projects.rename("b", taken), Conflict)
        self.assertEqual(self._names(), ["a", "b", "default"])
