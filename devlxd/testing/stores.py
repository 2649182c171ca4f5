"""
The contract of `devlxd.interfaces.IStore`, and what all suites about stores share.

A suite becomes a test case by saying what it is about::

    class MineHoldsTransactions(StoreContract):
        \"\"\"My store keeps the contract of transactions.\"\"\"

        async def make_subject(self) -> Subject:
            ...
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from attrs import evolve, frozen
from twisted.internet.defer import Deferred, succeed
from twisted.trial.unittest import TestCase
from zope.interface.verify import verifyObject

from devlxd.errors import (
    InstanceExists,
    InvalidData,
    NoSuchInstance,
    NoSuchProfile,
    ProfileInUse,
)
from devlxd.interfaces import IDraft, IInstances, IJournal, IProfiles, IStore
from devlxd.model.change import Change
from devlxd.model.event import Record
from devlxd.model.instance import Instance, Profile
from devlxd.model.names import InstanceName, ProfileName

__all__ = ["C1", "C2", "C3", "P1", "P2", "StoreContract", "Subject", "SubjectCase"]

Document = TypeVar("Document", Instance, Profile)

C1 = InstanceName("default", "c1")
C2 = InstanceName("default", "c2")
C3 = InstanceName("elsewhere", "c3")
P1 = ProfileName("default", "p1")
P2 = ProfileName("default", "p2")


def setting(key: str, value: str) -> Callable[[Document], Document]:
    """A rule that sets one key of a config."""

    def rule(document: Document) -> Document:
        return evolve(document, config={**document.config, key: value})

    return rule


def refusing(_: Any) -> Any:
    """A rule that always raises `ZeroDivisionError`."""
    return 1 // 0


def put(draft: IDraft, text: str) -> str:
    """A rule that keeps a note and returns it."""
    draft.set_note("key", text)
    return text


@frozen
class Subject:
    """Four sides of one store, which is empty and keeps 1000 events an instance."""

    store: IStore
    instances: IInstances
    profiles: IProfiles
    journal: IJournal


class SubjectCase(TestCase):
    """A test case about a store of its own."""

    @abstractmethod
    async def make_subject(self) -> Subject:
        """A new, empty store; what it takes is cleaned up by ``addCleanup``."""

    # trial waits for what setUp returns, but its annotation does not say so.
    async def setUp(self) -> None:  # type: ignore[override]
        subject = await self.make_subject()
        self.store = subject.store
        self.instances = subject.instances
        self.profiles = subject.profiles
        self.journal = subject.journal
        self.changes: list[Change] = []
        self.records: list[tuple[InstanceName, Record]] = []
        self.instances.observe(self._observe)

    def _observe(self, change: Change) -> None:
        self.changes.append(evolve(change, records=()))
        self.records += [(change.name, record) for record in change.records]

    async def fails(self, with_what: type[Exception], done: Deferred[Any]) -> str:
        """Check how something fails, and tell with which text."""
        error = await self.assertFailure(done, with_what)
        return str(error)

    def value(self, name: InstanceName, key: str) -> str | None:
        """A value of an instance's expanded config."""
        return self.instances.get(name).config.get(key)

    async def create(self, *names: InstanceName, profiles: tuple[str, ...]) -> None:
        """Add instances, and forget the changes that this makes."""
        for name in names:
            await self.instances.create(Instance(name, profiles=profiles))
        self.changes.clear()


class StoreContract(SubjectCase):
    """What every `IStore` and `IDraft` does."""

    async def test_interface(self) -> None:
        """It provides `IStore`, and its drafts provide `IDraft`."""
        verifyObject(IStore, self.store)
        verified = self.store.transact(lambda draft: verifyObject(IDraft, draft))
        self.assertTrue(await verified)

    async def test_result(self) -> None:
        """The Deferred fires with what the rule returned."""
        self.assertEqual(await self.store.transact(lambda _: "result"), "result")

    async def test_together(self) -> None:
        """All edits of a rule are there once its Deferred has fired."""

        def rule(draft: IDraft) -> None:
            draft.create_profile(Profile(P1, config={"user.p": "1"}))
            draft.create_instance(Instance(C1, profiles=("p1",)))
            draft.create_instance(Instance(C3))
            draft.set_note("key", "text")

        await self.store.transact(rule)
        self.assertEqual(self.value(C1, "user.p"), "1")
        self.assertEqual([change.name for change in self.changes], [C1, C3])
        self.assertEqual(await self.note("key"), "text")

    async def test_not_at_all(self) -> None:
        """A rule that raises leaves no trace, and its Deferred fails with that."""

        def rule(draft: IDraft) -> None:
            draft.create_profile(Profile(P1))
            draft.create_instance(Instance(C1))
            draft.set_note("key", "text")
            refusing(draft)

        await self.fails(ZeroDivisionError, self.store.transact(rule))
        self.assertEqual(list(self.instances.all()), [])
        self.assertEqual(list(self.profiles.all()), [])
        self.assertEqual(self.changes, [])
        self.assertIsNone(await self.note("key"))

    async def test_one_after_the_other(self) -> None:
        """Each rule finds the outcome of the one before, a failed one's excepted."""
        create = self.instances.create(Instance(C1))
        first = self.instances.update(C1, setting("user.a", "1"))
        failing = self.store.transact(refusing)
        second = self.instances.update(C1, setting("user.b", "2"))
        await create
        await first
        await self.fails(ZeroDivisionError, failing)
        config = (await second).instance.config
        self.assertEqual((config["user.a"], config["user.b"]), ("1", "2"))

    async def test_in_order(self) -> None:
        """Deferreds fire in the order in which their rules came."""
        fired: list[object] = []
        for text in ("1", "2", "3"):
            self.store.transact(partial(put, text=text)).addCallback(fired.append)
        await self.store.transact(lambda _: None)
        self.assertEqual(fired, ["1", "2", "3"])

    async def test_durable_first(self) -> None:
        """A change can be read from when it is durable, and no earlier."""
        done = self.instances.create(Instance(C1))
        self.assertEqual(bool(list(self.instances.all())), done.called)
        await done
        self.assertEqual(self.instances.get(C1).instance.name, C1)

    async def test_waiting_rule(self) -> None:
        """A rule that returns what has to be waited for fails."""

        def rule(draft: IDraft) -> Deferred[None]:
            draft.create_instance(Instance(C1))
            return succeed(None)

        await self.fails(TypeError, self.store.transact(rule))
        self.assertEqual(list(self.instances.all()), [])

    async def test_cancelled(self) -> None:
        """A change goes on when who asked for it has gone."""
        done = self.instances.create(Instance(C1))
        done.addErrback(lambda _: None)
        done.cancel()
        await self.store.transact(lambda _: None)
        self.assertEqual([change.name for change in self.changes], [C1])

    async def test_one_change_an_instance(self) -> None:
        """An instance that a rule edits twice changes once."""
        await self.create(C1, profiles=())
        before = self.instances.get(C1)

        def rule(draft: IDraft) -> None:
            draft.update_instance(C1, setting("user.a", "1"))
            draft.update_instance(C1, setting("user.b", "2"))

        await self.store.transact(rule)
        after = self.instances.get(C1)
        self.assertEqual(self.changes, [Change(C1, before, after)])

    async def test_undone(self) -> None:
        """Edits that a rule takes back are no change."""
        profile = await self.profiles.create(Profile(P1))
        await self.create(C1, profiles=("p1",))
        before = self.instances.get(C1)

        def rule(draft: IDraft) -> None:
            draft.update_instance(C1, setting("user.a", "1"))
            draft.update_instance(C1, lambda _: before.instance)
            draft.update_profile(P1, setting("user.p", "1"))
            draft.update_profile(P1, lambda _: Profile(P1))
            draft.create_instance(Instance(C2))
            draft.delete_instance(C2)
            draft.create_profile(Profile(P2))
            draft.delete_profile(P2)
            draft.set_note("key", "text")

        await self.store.transact(rule)
        self.assertIs(self.instances.get(C1), before)
        self.assertEqual(self.changes, [])
        self.assertIs(self.profiles.get(P1), profile)
        self.assertEqual(list(self.profiles.all()), [profile])

    async def test_replaced(self) -> None:
        """An instance that is deleted and made again in one rule changes once."""
        await self.create(C1, profiles=())
        before = self.instances.get(C1)

        def rule(draft: IDraft) -> None:
            draft.delete_instance(C1)
            draft.create_instance(Instance(C1))

        await self.store.transact(rule)
        self.assertEqual(self.changes, [Change(C1, before, self.instances.get(C1))])

    async def test_users_within_a_rule(self) -> None:
        """Who uses a profile is told by the edits so far."""
        await self.profiles.create(Profile(P1))
        await self.create(C1, C2, profiles=("p1",))

        def rule(draft: IDraft) -> None:
            self.assertRaises(ProfileInUse, draft.delete_profile, P1)
            draft.delete_instance(C1)
            draft.update_profile(P1, setting("user.p", "1"))
            draft.update_instance(C2, lambda i: evolve(i, profiles=()))
            draft.delete_profile(P1)
            draft.create_profile(Profile(P1))
            draft.update_instance(C2, lambda i: evolve(i, profiles=["p1"]))
            self.assertRaises(ProfileInUse, draft.delete_profile, P1)

        await self.store.transact(rule)
        self.assertEqual(list(self.profiles.used_by(P1)), [C2])
        self.assertIsNone(self.value(C2, "user.p"))

    async def test_draft_sees_its_edits(self) -> None:
        """Within a rule the edits so far can be read."""

        def rule(draft: IDraft) -> None:
            draft.set_note("key", "text")
            self.assertEqual(draft.note("key"), "text")
            profile = draft.create_profile(Profile(P1))
            self.assertIs(draft.profile(P1), profile)
            instance = draft.create_instance(Instance(C1, profiles=("p1",)))
            self.assertIs(draft.instance(C1), instance)
            self.assertRaises(InstanceExists, draft.create_instance, Instance(C1))
            draft.update_profile(P1, setting("user.p", "1"))
            self.assertEqual(draft.instance(C1).config["user.p"], "1")
            draft.delete_instance(C1)
            self.assertRaises(NoSuchInstance, draft.instance, C1)
            draft.delete_profile(P1)
            self.assertRaises(NoSuchProfile, draft.profile, P1)

        await self.store.transact(rule)

    async def test_note(self) -> None:
        """A note is kept until another is set, and none is ``None``."""
        self.assertIsNone(await self.note("key"))
        for text in ("one", "two", "two", "\0 \u2028 \U0001f600", ""):
            await self.store.transact(partial(put, text=text))
            self.assertEqual(await self.note("key"), text)

    async def test_unspeakable_note(self) -> None:
        """A note that is not Unicode is refused."""
        done = self.store.transact(partial(put, text="\ud800"))
        await self.fails(InvalidData, done)

    def note(self, key: str) -> Deferred[object]:
        """A note, as a transaction finds it."""
        return self.store.transact(lambda draft: draft.note(key))
