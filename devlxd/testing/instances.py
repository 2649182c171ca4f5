"""The contract of `devlxd.interfaces.IInstances`."""

from __future__ import annotations

from functools import partial

from attrs import evolve
from zope.interface.verify import verifyObject

from devlxd.errors import InstanceExists, InvalidData, NoSuchInstance, NoSuchProfile
from devlxd.interfaces import IDraft, IInstances
from devlxd.model.change import Change
from devlxd.model.instance import Instance, InstanceType, Profile
from devlxd.model.names import InstanceName
from devlxd.model.renewal import INSTANCE_ID
from devlxd.testing.stores import C1, C2, C3, P1, SubjectCase, refusing, setting

__all__ = ["InstancesContract"]

UUID = "volatile.uuid"


class InstancesContract(SubjectCase):
    """What every `IInstances` does."""

    def test_interface(self) -> None:
        """It provides `IInstances`."""
        verifyObject(IInstances, self.instances)

    def test_unknown(self) -> None:
        """An unknown name fails with `NoSuchInstance`."""
        self.assertRaises(NoSuchInstance, self.instances.get, C1)

    async def test_create(self) -> None:
        """What is created can be got, with all that it was created with."""
        config = {"user.a": "1", UUID: "u", INSTANCE_ID: "i"}
        devices = {"root": {"type": "disk", "path": "/"}}
        instance = Instance(C1, config=config, devices=devices, description="Text")
        created = await self.instances.create(instance)
        self.assertIs(self.instances.get(C1), created)
        self.assertEqual(created.instance, instance)

    async def test_all(self) -> None:
        """All are told, ordered by project and name."""
        await self.create(C3, C2, C1, profiles=())
        names = [expanded.instance.name for expanded in self.instances.all()]
        self.assertEqual(names, [C1, C2, C3])

    async def test_identified(self) -> None:
        """Each new instance gets ids that no other one has."""
        await self.create(C1, C2, profiles=())
        ids = {
            self.value(name, key) for name in (C1, C2) for key in (UUID, INSTANCE_ID)
        }
        self.assertEqual(len(ids - {None, ""}), 4)

    async def test_create_again(self) -> None:
        """A name that is taken fails with `InstanceExists`."""
        await self.create(C1, profiles=())
        before = self.instances.get(C1)
        await self.fails(InstanceExists, self.instances.create(Instance(C1)))
        self.assertIs(self.instances.get(C1), before)

    async def test_create_without_profile(self) -> None:
        """A new instance with an unknown profile fails, and the text names that."""
        done = self.instances.create(Instance(C1, profiles=("missing",)))
        self.assertIn('"missing"', await self.fails(NoSuchProfile, done))
        self.assertRaises(NoSuchInstance, self.instances.get, C1)

    async def test_same_object(self) -> None:
        """The same object is got until that instance changes."""
        await self.create(C1, C2, profiles=())
        before = self.instances.get(C1)
        await self.instances.update(C2, setting("user.a", "1"))
        self.assertIs(self.instances.get(C1), before)
        updated = await self.instances.update(C1, setting("user.a", "1"))
        self.assertIs(self.instances.get(C1), updated)
        self.assertIsNot(updated, before)

    async def test_update(self) -> None:
        """Two changes that are asked for at once both count."""
        await self.create(C1, profiles=())
        first = self.instances.update(C1, setting("user.a", "1"))
        second = self.instances.update(C1, setting("user.b", "2"))
        await first
        await second
        self.assertEqual(self.value(C1, "user.a"), "1")
        self.assertEqual(self.value(C1, "user.b"), "2")

    async def test_update_to_the_same(self) -> None:
        """A rule that gives an equal instance changes nothing."""
        await self.create(C1, profiles=())
        before = self.instances.get(C1)
        done = self.instances.update(C1, lambda instance: evolve(instance))
        self.assertIs(await done, before)
        self.assertIs(self.instances.get(C1), before)
        self.assertEqual(self.changes, [])

    async def test_update_refused(self) -> None:
        """What a rule raises is what the update fails with, and nothing changes."""
        await self.create(C1, profiles=())
        before = self.instances.get(C1)
        done = self.instances.update(C1, refusing)
        await self.fails(ZeroDivisionError, done)
        self.assertIs(self.instances.get(C1), before)
        self.assertEqual(self.changes, [])

    async def test_fixed(self) -> None:
        """An update that changes the name or the type fails with `InvalidData`."""
        await self.create(C1, profiles=())
        for fixed in ({"name": C2}, {"type": InstanceType.VIRTUAL_MACHINE}):
            done = self.instances.update(C1, partial(evolve, **fixed))
            await self.fails(InvalidData, done)
        self.assertEqual(self.changes, [])

    async def test_update_unknown(self) -> None:
        """Updating an unknown name fails with `NoSuchInstance`."""
        done = self.instances.update(C1, setting("user.a", "1"))
        await self.fails(NoSuchInstance, done)

    async def test_update_without_profile(self) -> None:
        """An unknown profile fails with `NoSuchProfile`, and the text names it."""
        await self.create(C1, profiles=())
        done = self.instances.update(C1, lambda i: evolve(i, profiles=["missing"]))
        self.assertIn('"missing"', await self.fails(NoSuchProfile, done))

    async def test_new_instance_id(self) -> None:
        """A change of what cloud-init reads gives a new instance-id."""
        await self.create(C1, profiles=())
        old = self.value(C1, INSTANCE_ID)
        updated = await self.instances.update(C1, setting("user.user-data", "x"))
        self.assertNotIn(updated.config[INSTANCE_ID], {old, ""})
        self.assertEqual(self.value(C1, INSTANCE_ID), updated.config[INSTANCE_ID])

    async def test_same_instance_id(self) -> None:
        """Any other change leaves the instance-id alone."""
        await self.create(C1, profiles=())
        old = self.value(C1, INSTANCE_ID)
        await self.instances.update(C1, setting("user.meta-data", "x"))
        self.assertEqual(self.value(C1, INSTANCE_ID), old)

    async def test_profiles_assigned(self) -> None:
        """Other profiles change what cloud-init reads, hence the instance-id, too."""
        await self.profiles.create(Profile(P1, config={"cloud-init.user-data": "x"}))
        await self.create(C1, profiles=())
        old = self.value(C1, INSTANCE_ID)
        updated = await self.instances.update(C1, lambda i: evolve(i, profiles=["p1"]))
        self.assertEqual(updated.config["cloud-init.user-data"], "x")
        self.assertNotEqual(updated.config[INSTANCE_ID], old)

    async def test_delete(self) -> None:
        """What is deleted is gone, and its name is free."""
        await self.create(C1, profiles=())
        await self.instances.delete(C1)
        self.assertRaises(NoSuchInstance, self.instances.get, C1)
        await self.create(C1, profiles=())

    async def test_delete_unknown(self) -> None:
        """Deleting an unknown name fails with `NoSuchInstance`."""
        await self.fails(NoSuchInstance, self.instances.delete(C1))

    async def test_renamed(self) -> None:
        """A renamed instance is there by its new name alone, with a new instance-id."""
        await self.create(C1, C2, profiles=())
        before = self.value(C1, INSTANCE_ID)
        uuid = self.value(C1, UUID)
        await self.store.transact(lambda draft: draft.rename_instance(C1, C3))
        self.assertRaises(NoSuchInstance, self.instances.get, C1)
        self.assertEqual(self.value(C3, UUID), uuid)
        self.assertNotIn(self.value(C3, INSTANCE_ID), (before, None))
        for old, new, error in ((C3, C2, InstanceExists), (C1, C1, NoSuchInstance)):
            rename = partial(_rename, old=old, new=new)
            await self.fails(error, self.store.transact(rename))

    async def test_rename_told(self) -> None:
        """Another name is told with both names, however it came by it."""
        c4 = InstanceName("default", "c4")
        await self.create(C1, C2, profiles=())

        def rule(draft: IDraft) -> None:
            draft.rename_instance(C1, C3)
            draft.rename_instance(C3, c4)
            draft.rename_instance(C2, C1)
            draft.rename_instance(C1, C2)

        await self.store.transact(rule)
        moves = [(c.name, c.renamed_from, c.renamed_to) for c in self.changes]
        self.assertEqual(
            sorted(moves, key=str),
            [(C1, None, c4), (C2, None, None), (c4, C1, None)],
        )
        self.assertEqual(
            [c.before is None for c in self.changes if c.name == c4], [True]
        )

    async def test_rename_of_news(self) -> None:
        """What is new, or gone again, in a transaction had no other name before it."""
        await self.create(C1, profiles=())

        def rule(draft: IDraft) -> None:
            draft.create_instance(Instance(C2))
            draft.rename_instance(C2, C3)
            draft.rename_instance(C1, C2)
            draft.delete_instance(C2)

        await self.store.transact(rule)
        moves = [(c.name, c.renamed_from, c.renamed_to) for c in self.changes]
        self.assertEqual(moves, [(C3, None, None), (C1, None, None)])

    async def test_observe(self) -> None:
        """Every change is told, in order, with the states before and after."""
        created = await self.instances.create(Instance(C1))
        updated = await self.instances.update(C1, setting("user.a", "1"))
        await self.instances.delete(C1)
        expected = [
            Change(C1, None, created),
            Change(C1, created, updated),
            Change(C1, updated, None),
        ]
        self.assertEqual(self.changes, expected)

    async def test_observed_before_acknowledged(self) -> None:
        """Observers hear of a change when it can be read, before who made it does."""
        heard: list[object] = []
        self.instances.observe(lambda _: heard.append(self.instances.get(C1)))
        done = self.instances.create(Instance(C1))
        done.addCallback(lambda _: heard.append("acknowledged"))
        await done
        self.assertEqual(heard, [self.instances.get(C1), "acknowledged"])

    async def test_observe_no_more(self) -> None:
        """An observer that is stopped hears no more, even of the change at hand."""
        heard: list[Change] = []
        self.instances.observe(lambda _: stop())
        stop = self.instances.observe(heard.append)
        await self.instances.create(Instance(C1))
        stop()
        self.assertEqual(heard, [])

    async def test_broken_observer(self) -> None:
        """What an observer raises is logged and disturbs nobody."""
        heard: list[Change] = []
        self.instances.observe(refusing)
        self.instances.observe(heard.append)
        created = await self.instances.create(Instance(C1))
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        self.assertEqual(heard, [Change(C1, None, created)])

    async def test_observer_makes_changes(self) -> None:
        """A change that an observer asks for is made, after the one at hand."""

        def note(change: Change) -> None:
            self.instances.update(C1, setting("user.seen", "1"))

        self.instances.observe(note)
        await self.instances.create(Instance(C1))
        await self.store.transact(lambda _: None)
        self.assertEqual(self.value(C1, "user.seen"), "1")
        self.assertEqual(len(self.changes), 2)


def _rename(draft: IDraft, old: InstanceName, new: InstanceName) -> object:
    return draft.rename_instance(old, new)
