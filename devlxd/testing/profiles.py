"""The contract of `devlxd.interfaces.IProfiles`."""

from __future__ import annotations

from collections.abc import Callable

from attrs import evolve
from zope.interface.verify import verifyObject

from devlxd.errors import InvalidData, NoSuchProfile, ProfileExists, ProfileInUse
from devlxd.interfaces import IDraft, IProfiles
from devlxd.model.change import ProfileChange
from devlxd.model.instance import Instance, Profile
from devlxd.model.names import ProfileName
from devlxd.model.renewal import INSTANCE_ID
from devlxd.testing.stores import C1, C2, C3, P1, P2, SubjectCase, refusing, setting

__all__ = ["ProfilesContract"]

DEFAULT = ProfileName("default", "default")


class ProfilesContract(SubjectCase):
    """What every `IProfiles` does."""

    def test_interface(self) -> None:
        """It provides `IProfiles`."""
        verifyObject(IProfiles, self.profiles)

    def test_unknown(self) -> None:
        """An unknown name fails with `NoSuchProfile`."""
        self.assertRaises(NoSuchProfile, self.profiles.get, P1)

    def test_default(self) -> None:
        """Every project has a profile named default, which is empty at first."""
        for name in (DEFAULT, ProfileName("elsewhere", "default")):
            default = self.profiles.get(name)
            self.assertEqual(default, Profile(name))
            self.assertIs(self.profiles.get(name), default)
        self.assertEqual(list(self.profiles.all()), [])

    async def test_create(self) -> None:
        """What is created can be got."""
        profile = Profile(P1, config={"user.a": "1"}, description="Text")
        self.assertEqual(await self.profiles.create(profile), profile)
        self.assertEqual(self.profiles.get(P1), profile)

    async def test_create_again(self) -> None:
        """A name that is taken fails with `ProfileExists`, the default's included."""
        await self.profiles.create(Profile(P1))
        for name in (P1, DEFAULT):
            await self.fails(ProfileExists, self.profiles.create(Profile(name)))

    async def test_all(self) -> None:
        """All that were written are told, ordered by project and name."""
        await self.profiles.create(Profile(P2))
        await self.profiles.create(Profile(P1))
        await self.profiles.update(DEFAULT, setting("user.a", "1"))
        names = [profile.name for profile in self.profiles.all()]
        self.assertEqual(names, [DEFAULT, P1, P2])

    async def test_used_by(self) -> None:
        """The users of a profile are told by name, as they come and go."""
        await self.profiles.create(Profile(P1))
        self.assertEqual(list(self.profiles.used_by(P1)), [])
        await self.create(C2, C1, profiles=("default", "p1"))
        self.assertEqual(list(self.profiles.used_by(P1)), [C1, C2])
        await self.instances.update(C1, lambda i: evolve(i, profiles=["default"]))
        self.assertEqual(list(self.profiles.used_by(P1)), [C2])
        await self.instances.delete(C2)
        self.assertEqual(list(self.profiles.used_by(P1)), [])

    async def test_used_by_within_a_project(self) -> None:
        """A profile is used by instances of its own project alone."""
        await self.create(C1, C3, profiles=("default",))
        elsewhere = ProfileName(C3.project, "default")
        self.assertEqual(list(self.profiles.used_by(DEFAULT)), [C1])
        self.assertEqual(list(self.profiles.used_by(elsewhere)), [C3])

    async def test_update(self) -> None:
        """All instances that use a profile change with it, ordered by name."""
        await self.profiles.create(Profile(P1))
        await self.create(C2, C1, profiles=("p1",))
        await self.create(C3, profiles=("default",))
        other = self.instances.get(C3)
        updated = await self.profiles.update(P1, setting("user.a", "1"))
        self.assertEqual(updated, Profile(P1, config={"user.a": "1"}))
        self.assertIs(self.profiles.get(P1), updated)
        self.assertEqual([change.name for change in self.changes], [C1, C2])
        for change in self.changes:
            self.assertIs(change.after, self.instances.get(change.name))
            self.assertEqual(self.value(change.name, "user.a"), "1")
        self.assertIs(self.instances.get(C3), other)

    async def test_update_default(self) -> None:
        """The default profile can be written and reaches those who use it."""
        await self.create(C1, profiles=("default",))
        await self.profiles.update(DEFAULT, setting("user.a", "1"))
        self.assertEqual(self.value(C1, "user.a"), "1")

    async def test_new_instance_ids(self) -> None:
        """Users whose cloud-init reads something else get a new instance-id each."""
        await self.profiles.create(Profile(P1))
        await self.create(C1, C2, profiles=("p1",))
        own = setting("cloud-init.user-data", "own")
        await self.instances.update(C2, own)
        old = [self.value(name, INSTANCE_ID) for name in (C1, C2)]
        await self.profiles.update(P1, setting("cloud-init.user-data", "shared"))
        new = [self.value(name, INSTANCE_ID) for name in (C1, C2)]
        self.assertNotEqual(new[0], old[0])
        self.assertEqual(new[1], old[1])

    async def test_update_to_the_same(self) -> None:
        """A rule that gives an equal profile changes nothing."""
        await self.create(C1, profiles=("default",))
        await self.profiles.update(DEFAULT, lambda profile: evolve(profile))
        self.assertEqual(list(self.profiles.all()), [])
        self.assertEqual(self.changes, [])

    async def test_update_refused(self) -> None:
        """What a rule raises is what the update fails with, and nothing changes."""
        await self.profiles.create(Profile(P1))
        await self.create(C1, profiles=("p1",))
        await self.fails(ZeroDivisionError, self.profiles.update(P1, refusing))
        self.assertEqual(self.profiles.get(P1), Profile(P1))
        self.assertEqual(self.changes, [])

    async def test_renamed(self) -> None:
        """An update that changes the name fails with `InvalidData`."""
        await self.profiles.create(Profile(P1))
        done = self.profiles.update(P1, lambda profile: evolve(profile, name=P2))
        await self.fails(InvalidData, done)

    async def test_update_unknown(self) -> None:
        """Updating an unknown name fails with `NoSuchProfile`."""
        done = self.profiles.update(P1, setting("user.a", "1"))
        await self.fails(NoSuchProfile, done)

    async def test_delete(self) -> None:
        """What is deleted is gone."""
        await self.profiles.create(Profile(P1))
        await self.profiles.delete(P1)
        self.assertRaises(NoSuchProfile, self.profiles.get, P1)

    async def test_delete_unknown(self) -> None:
        """Deleting an unknown name fails with `NoSuchProfile`."""
        await self.fails(NoSuchProfile, self.profiles.delete(P1))

    async def test_delete_in_use(self) -> None:
        """A profile that an instance uses cannot be deleted, nor can the default."""
        await self.profiles.create(Profile(P1))
        await self.instances.create(Instance(C1, profiles=("p1",)))
        for name in (P1, DEFAULT):
            await self.fails(ProfileInUse, self.profiles.delete(name))
        self.assertEqual(self.profiles.get(P1), Profile(P1))

    async def test_observe(self) -> None:
        """Every change is told, in order, with what it was before and is now."""
        heard = self.heard()
        created = await self.profiles.create(Profile(P1))
        updated = await self.profiles.update(P1, setting("user.a", "1"))
        await self.profiles.update(P1, lambda _: updated)
        await self.profiles.delete(P1)
        self.assertEqual(
            heard,
            [
                ProfileChange(P1, None, created),
                ProfileChange(P1, created, updated),
                ProfileChange(P1, updated, None),
            ],
        )

    async def test_observe_default(self) -> None:
        """The default profile is never new."""
        heard = self.heard()
        updated = await self.profiles.update(DEFAULT, setting("user.a", "1"))
        self.assertEqual(heard, [ProfileChange(DEFAULT, Profile(DEFAULT), updated)])

    async def test_observed_in_order(self) -> None:
        """A profile's change is told before those of its users, until it is stopped."""
        heard: list[object] = []
        stop = self.profiles.observe(lambda change: heard.append(change.name))
        self.instances.observe(lambda change: heard.append(change.name))
        await self.instances.create(Instance(C1))
        await self.profiles.update(DEFAULT, setting("user.a", "1"))
        stop()
        await self.profiles.update(DEFAULT, setting("user.a", "2"))
        self.assertEqual(heard, [C1, DEFAULT, C1, C1])

    async def test_rename(self) -> None:
        """A renamed profile is there by its new name alone, for its users, too."""
        await self.profiles.create(Profile(P1, config={"user.a": "1"}))
        await self.create(C1, profiles=("default", "p1"))
        heard = self.heard()
        renamed = await self.store.transact(lambda draft: draft.rename_profile(P1, P2))
        self.assertEqual(renamed, Profile(P2, config={"user.a": "1"}))
        self.assertRaises(NoSuchProfile, self.profiles.get, P1)
        self.assertEqual(self.instances.get(C1).instance.profiles, ("default", "p2"))
        moves = [(c.name, c.renamed_from, c.renamed_to) for c in heard]
        self.assertEqual(moves, [(P2, P1, None), (P1, None, P2)])

    async def test_rename_refused(self) -> None:
        """No name is taken twice, and the default profile keeps its own."""
        await self.profiles.create(Profile(P1))
        await self.profiles.create(Profile(P2))
        unknown = ProfileName("default", "unknown")
        for old, new, error in (
            (P1, P2, ProfileExists),
            (unknown, P1, NoSuchProfile),
            (DEFAULT, unknown, ProfileInUse),
        ):
            await self.fails(error, self.store.transact(_renaming(old, new)))

    async def test_rename_of_news(self) -> None:
        """A profile that is new in a transaction had no other name before it."""
        heard = self.heard()

        def rule(draft: IDraft) -> None:
            draft.create_profile(Profile(P1))
            draft.rename_profile(P1, P2)

        await self.store.transact(rule)
        self.assertEqual(heard, [ProfileChange(P2, None, Profile(P2))])

    def heard(self) -> list[ProfileChange]:
        """The changes of profiles from now on."""
        heard: list[ProfileChange] = []
        self.profiles.observe(heard.append)
        return heard


def _renaming(old: ProfileName, new: ProfileName) -> Callable[[IDraft], object]:
    return lambda draft: draft.rename_profile(old, new)
