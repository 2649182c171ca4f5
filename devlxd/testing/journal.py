"""The contract of `devlxd.interfaces.IJournal`."""

from __future__ import annotations

from attrs import evolve
from zope.interface.verify import verifyObject

from devlxd.interfaces import IDraft, IJournal
from devlxd.model.event import Page, Record
from devlxd.model.instance import Instance, Profile
from devlxd.model.names import InstanceName
from devlxd.testing.stores import C1, C2, C3, P1, SubjectCase, refusing, setting

__all__ = ["JournalContract"]

ALL = 10_000
KEPT = 1000


class JournalContract(SubjectCase):
    """What every `IJournal` does."""

    async def kept(self, name: InstanceName, since: int = 0, limit: int = ALL) -> Page:
        """The events that are kept, and never one that was not told."""
        return await self.journal.read(name, since, limit)

    async def texts(self, name: InstanceName, since: int = 0) -> list[str]:
        """The values that the kept events are about."""
        records = (await self.kept(name, since)).records
        return [record.event.metadata["value"] for record in records]

    def told(self, name: InstanceName) -> list[Record]:
        """The events that came with changes."""
        return [record for of, record in self.records if of == name]

    async def set(self, name: InstanceName, *values: str) -> None:
        """Give a key one value after the other."""
        for value in values:
            await self.instances.update(name, setting("user.a", value))

    async def test_interface(self) -> None:
        """It provides `IJournal`."""
        verifyObject(IJournal, self.journal)

    async def test_unknown(self) -> None:
        """An instance that nobody knows has no events."""
        self.assertEqual(await self.kept(C1), Page((), 0))
        self.assertEqual(self.journal.last(C1), 0)

    async def test_numbered(self) -> None:
        """Events are numbered by instance, from 1 and without holes."""
        await self.create(C1, C2, profiles=())
        await self.set(C1, "1", "2")
        await self.set(C2, "3")
        await self.set(C1, "4")
        page = await self.kept(C1)
        self.assertEqual([record.seq for record in page.records], [1, 2, 3])
        self.assertEqual(page.last, 3)
        self.assertEqual(self.journal.last(C1), 3)
        self.assertEqual(await self.texts(C2), ["3"])

    async def test_same(self) -> None:
        """What observers are told is what is kept, time and all."""
        await self.create(C1, profiles=())
        await self.set(C1, "1", "\0\u2028<&>\N{GRINNING FACE}")
        self.assertEqual((await self.kept(C1)).records, tuple(self.told(C1)))

    async def test_since(self) -> None:
        """Reading begins after a number and ends at a limit."""
        await self.create(C1, profiles=())
        await self.set(C1, "1", "2", "3", "4")
        self.assertEqual(await self.texts(C1, since=2), ["3", "4"])
        page = await self.kept(C1, since=1, limit=2)
        self.assertEqual([record.seq for record in page.records], [2, 3])
        self.assertEqual(page.last, 4)
        self.assertEqual(await self.kept(C1, since=4), Page((), 4))
        self.assertEqual(await self.kept(C1, since=99), Page((), 4))

    async def test_untold(self) -> None:
        """Changes that guests are not told of have no events and take no number."""
        await self.create(C1, profiles=())
        await self.instances.update(C1, setting("limits.cpu", "2"))
        self.assertEqual(await self.kept(C1), Page((), 0))

    async def test_refused(self) -> None:
        """A change that was refused has no events and takes no number."""
        await self.create(C1, profiles=())

        def rule(draft: IDraft) -> None:
            draft.update_instance(C1, setting("user.a", "1"))
            refusing(draft)

        await self.fails(ZeroDivisionError, self.store.transact(rule))
        await self.set(C1, "2")
        self.assertEqual([r.seq for r in (await self.kept(C1)).records], [1])

    async def test_profile(self) -> None:
        """A profile's change is an event of every instance that uses it."""
        await self.profiles.create(Profile(P1))
        await self.create(C1, C2, profiles=("p1",))
        await self.create(C3, profiles=())
        await self.profiles.update(P1, lambda p: evolve(p, config={"user.a": "1"}))
        for name, texts in ((C1, ["1"]), (C2, ["1"]), (C3, [])):
            self.assertEqual(await self.texts(name), texts)

    async def test_there_and_back(self) -> None:
        """Two changes that undo each other are two events, in whatever transaction."""
        await self.create(C1, profiles=())
        one = self.instances.update(C1, setting("user.a", "1"))
        two = self.instances.update(C1, lambda old: evolve(old, config={}))
        await one
        await two
        self.assertEqual(await self.texts(C1), ["1", ""])

    async def test_bounded(self) -> None:
        """The last 1000 events of each instance are kept, and counted on."""
        await self.create(C1, C2, profiles=())
        await self.set(C2, "kept")
        for number in range(KEPT + 5):
            done = self.instances.update(C1, setting("user.a", str(number)))
        await done
        page = await self.kept(C1)
        self.assertEqual(len(page.records), KEPT)
        self.assertEqual((page.records[0].seq, page.last), (6, KEPT + 5))
        self.assertEqual(await self.texts(C2), ["kept"])

    async def test_deleted(self) -> None:
        """The events of an instance go with it; its numbers are not used again."""
        await self.create(C1, profiles=())
        await self.set(C1, "1", "2")
        await self.instances.delete(C1)
        self.assertEqual(await self.kept(C1), Page((), 2))
        await self.create(C1, profiles=())
        await self.set(C1, "3")
        page = await self.kept(C1)
        self.assertEqual([record.seq for record in page.records], [3])

    async def test_deleted_at_once(self) -> None:
        """Also when the events, the end and a new life are one transaction."""
        await self.create(C1, profiles=())
        await self.set(C1, "1")
        self.instances.update(C1, setting("user.a", "2"))
        self.instances.delete(C1)
        self.instances.create(Instance(C1, profiles=()))
        await self.instances.update(C1, setting("user.a", "3"))
        page = await self.kept(C1)
        self.assertEqual([record.seq for record in page.records], [3])
        self.assertEqual(page.last, 3)
