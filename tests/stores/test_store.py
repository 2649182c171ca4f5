"""How changes are grouped, written and told."""

from __future__ import annotations

from attrs import evolve
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from devlxd.errors import NoSuchInstance, StoreFailure
from devlxd.model.change import Change
from devlxd.model.instance import Instance, Profile
from devlxd.model.names import InstanceName
from devlxd.stores.backend import Contents, StoreUnusable
from devlxd.stores.memory import Memory
from devlxd.stores.store import Store
from devlxd.testing.stores import C1, C2, P1, refusing, setting
from tests.stores.parts import Counting, Held, uuids


class StoreCase(SynchronousTestCase):
    """About a store whose writing is held back until it is released."""

    def setUp(self) -> None:
        self.backend = Counting()
        self.held = Held()
        self.store = Store(self.backend, uuids())
        self.changes: list[Change] = []
        self.store.instances.observe(self.changes.append)
        self.successResultOf(self.store.profiles.create(Profile(P1)))
        self.create(C1)
        self.store.use(self.held)

    def create(self, name: InstanceName) -> None:
        """Add an instance that uses the profile, and forget that it was written."""
        instance = Instance(name, profiles=["p1"])
        self.successResultOf(self.store.instances.create(instance))
        self.changes.clear()
        self.backend.written.clear()

    def set(self, key: str, value: str = "1") -> Deferred[object]:
        """Ask for a change of a key."""
        return self.store.transact(
            lambda draft: draft.update_instance(C1, setting(key, value))
        )

    def value(self, key: str) -> str | None:
        """A value of the instance."""
        return self.store.instances.get(C1).config.get(key)


class GroupTests(StoreCase):
    """Changes that come in while one is being written are written together."""

    def test_grouped(self) -> None:
        """All that wait are written in one transaction."""
        self.set("user.first")
        waiting = [self.set(f"user.{n}") for n in range(10)]
        self.held.release()
        self.held.release()
        for done in waiting:
            self.successResultOf(done)
        self.assertEqual(len(self.backend.written), 2)
        self.assertEqual(len(self.changes), 11)

    def test_rules_wait(self) -> None:
        """A rule does not run while an earlier change is being written."""
        ran: list[object] = []
        self.set("user.a")
        self.store.transact(ran.append)
        self.assertEqual(ran, [])
        self.held.release()
        self.assertEqual(len(ran), 1)

    def test_read_your_writes(self) -> None:
        """A rule without an edit waits for its turn, and then nothing is written."""
        self.set("user.a")
        read = self.store.transact(lambda draft: draft.instance(C1).config["user.a"])
        self.assertNoResult(read)
        self.held.release()
        self.assertEqual(self.successResultOf(read), "1")
        self.assertEqual(len(self.backend.written), 1)

    def test_nothing_to_write(self) -> None:
        """A rule that makes no edit is not written."""
        same = self.store.instances.update(C1, lambda instance: evolve(instance))
        self.successResultOf(same)
        self.assertEqual((self.held.work, self.changes), ([], []))

    def test_nothing_seen(self) -> None:
        """A change is not read and not told before it is written."""
        done = self.set("user.a")
        self.assertNoResult(done)
        self.assertEqual((self.value("user.a"), self.changes), (None, []))
        self.held.release()
        self.successResultOf(done)
        self.assertEqual((self.value("user.a"), len(self.changes)), ("1", 1))

    def test_refused_among_others(self) -> None:
        """A rule that raises does not touch the others of its group."""
        self.set("user.first")
        before = self.set("user.before")
        refused = self.store.transact(refusing)
        after = self.set("user.after")
        self.held.release()
        self.held.release()
        self.successResultOf(before)
        self.failureResultOf(refused, ZeroDivisionError)
        self.successResultOf(after)

    def test_there_and_back(self) -> None:
        """A change and its undoing in one group are two changes."""
        self.set("user.first")
        self.set("user.a")
        self.set("user.a", "")
        self.set("user.a")
        self.held.release()
        self.held.release()
        _, there, back, again = self.changes
        self.assertIs(back.before, there.after)
        self.assertIs(again.before, back.after)
        self.assertIs(self.store.instances.get(C1), again.after)

    def test_asking_for_more(self) -> None:
        """What a callback asks for comes after the rest of its group."""
        order: list[str] = []
        self.set("user.first")
        self.set("user.a").addCallback(lambda _: self.set("user.more")).addCallback(
            lambda _: order.append("more")
        )
        self.set("user.b").addCallback(lambda _: order.append("b"))
        self.held.release()
        self.held.release()
        self.held.release()
        self.assertEqual(order, ["b", "more"])

    def test_only_what_changed(self) -> None:
        """A profile's change writes no instance unless that has a new instance-id."""
        self.store.profiles.update(P1, setting("user.a", "1"))
        self.held.release()
        self.store.profiles.update(P1, setting("user.user-data", "1"))
        self.held.release()
        quiet, loud = self.backend.written
        self.assertEqual((list(quiet.profiles), list(quiet.instances)), ([P1], []))
        self.assertEqual((list(loud.profiles), list(loud.instances)), ([P1], [C1]))

    def test_cancelled(self) -> None:
        """A change whose caller goes away while it is written goes on."""
        done = self.set("user.a")
        done.addErrback(lambda _: None)
        done.cancel()
        self.held.release()
        self.assertEqual(self.value("user.a"), "1")


class FailureTests(StoreCase):
    """A group that cannot be written comes to nothing."""

    def fail_writing(self) -> None:
        """Let the work at hand fail."""
        self.backend.failure = OSError("No space left on /secret")
        self.held.release()
        self.backend.failure = None

    def test_all_of_the_group(self) -> None:
        """Every rule of the group fails with `StoreFailure`, and nothing changes."""
        self.set("user.first")
        waiting = [
            self.set("user.a"),
            self.store.transact(lambda _: None),
            self.store.transact(refusing),
        ]
        self.held.release()
        before = self.store.instances.get(C1)
        self.changes.clear()
        self.fail_writing()
        for done in waiting:
            self.failureResultOf(done, StoreFailure)
        self.assertIs(self.store.instances.get(C1), before)
        self.assertEqual(self.changes, [])
        self.assertEqual(len(self.flushLoggedErrors(OSError)), 1)

    def test_cause(self) -> None:
        """The cause is logged and not told."""
        done = self.set("user.a")
        self.fail_writing()
        error = self.failureResultOf(done, StoreFailure).value
        self.assertNotIn("secret", str(error))
        (logged,) = self.flushLoggedErrors(OSError)
        self.assertIn("secret", str(logged.value))

    def test_said_once(self) -> None:
        """Changes that fail in a row are one line, until one is written."""
        for outage in range(3):
            for _ in range(5):
                done = self.set("user.a")
                self.fail_writing()
                self.failureResultOf(done, StoreFailure)
            self.assertEqual(len(self.flushLoggedErrors(OSError)), 1)
            self.set("user.b", str(outage))
            self.held.release()

    def test_goes_on(self) -> None:
        """The next change is written as if nothing had been."""
        self.failureResultOf(self.failing("user.a"), StoreFailure)
        done = self.set("user.b")
        self.held.release()
        self.successResultOf(done)
        self.assertEqual((self.value("user.a"), self.value("user.b")), (None, "1"))

    def failing(self, key: str) -> Deferred[object]:
        """A change that cannot be written."""
        done = self.set(key)
        self.fail_writing()
        self.flushLoggedErrors(OSError)
        return done


class SettledTests(StoreCase):
    """`Store.settled` tells when all is written."""

    def test_idle(self) -> None:
        """It is at once while there is nothing to write."""
        self.successResultOf(self.store.settled())

    def test_busy(self) -> None:
        """It waits for all that waits, later changes included."""
        self.set("user.a")
        settled = self.store.settled()
        self.set("user.b")
        self.held.release()
        self.assertNoResult(settled)
        self.held.release()
        self.successResultOf(settled)


class OpenTests(SynchronousTestCase):
    """`Store.open` takes in what a backend has kept."""

    def test_contents(self) -> None:
        """Instances, with their profiles, and notes are there."""
        profile = Profile(P1, config={"user.p": "1"})
        contents = Contents(
            instances=(Instance(C1, profiles=["p1"]), Instance(C2)),
            profiles=(profile,),
            notes={"key": "text"},
        )
        store = Store(Memory(contents), uuids())
        store.open()
        self.assertEqual(store.instances.get(C1).config["user.p"], "1")
        self.assertEqual(store.instances.get(C1).instance, contents.instances[0])
        self.assertEqual(list(store.profiles.used_by(P1)), [C1])
        noted = store.transact(lambda draft: draft.note("key"))
        self.assertEqual(self.successResultOf(noted), "text")
        store.close()

    def test_profile_missing(self) -> None:
        """An instance whose profile is missing fails with `StoreUnusable`."""
        contents = Contents(instances=(Instance(C1, profiles=["p1"]),))
        store = Store(Memory(contents), uuids())
        error = self.assertRaises(StoreUnusable, store.open)
        self.assertIn("default/c1", str(error))
        self.assertRaises(NoSuchInstance, store.instances.get, C1)
