"""Arbitrary transactions on different stores."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from devlxd.interfaces import IDraft
from devlxd.model.change import Change
from devlxd.model.expansion import Expanded
from devlxd.stores.memory import Memory
from devlxd.stores.sqlite import SQLite
from devlxd.stores.store import Store
from tests.stores.parts import Counting, Held, uuids
from tests.stores.strategies import Edit, rules

sequences = st.lists(rules, max_size=8)


def whole(expanded: Expanded | None) -> object:
    """An instance's state as something that can be compared."""
    if expanded is None:
        return None
    return (
        expanded.instance,
        expanded.profiles,
        dict(expanded.config),
        {name: dict(device) for name, device in expanded.devices.items()},
    )


def notes(draft: IDraft) -> object:
    """A rule that tells the notes of these tests."""
    return draft.note("a"), draft.note("\0")


class SequencesTests(SynchronousTestCase):
    """Stores differ in nothing but what becomes of their data."""

    def outcome(self, done: Deferred[object]) -> object:
        """What came of a transaction."""
        outcomes: list[object] = []
        done.addBoth(outcomes.append)
        (outcome,) = outcomes
        if isinstance(outcome, Failure):
            return outcome.type, str(outcome.value)
        return outcome

    def state(self, store: Store) -> object:
        """All that can be read from a store."""
        profiles = list(store.profiles.all())
        return (
            [whole(expanded) for expanded in store.instances.all()],
            profiles,
            [list(store.profiles.used_by(profile.name)) for profile in profiles],
            store.images.all(),
            list(store.aliases.all()),
            self.successResultOf(store.transact(notes)),
        )

    def consistent(self, store: Store) -> None:
        """Check that every instance has the latest of its profiles and is known."""
        for expanded in store.instances.all():
            names = expanded.instance.profile_names
            self.assertEqual(
                expanded.profiles, tuple(store.profiles.get(name) for name in names)
            )
            for name in names:
                self.assertIn(expanded.instance.name, store.profiles.used_by(name))
        for alias in store.aliases.all():
            self.assertTrue(store.images.has(alias.image))

    def run_all(
        self, store: Store, transactions: Iterable[Edit], after: Callable[[], None]
    ) -> tuple[list[object], list[tuple[object, ...]]]:
        """Run transactions; tell what came of each, and which changes were told."""
        changes: list[Change] = []
        store.instances.observe(changes.append)
        pending = [store.transact(rule) for rule in transactions]
        after()
        return [self.outcome(done) for done in pending], [
            (change.name, whole(change.before), whole(change.after))
            for change in changes
        ]

    @given(sequences)
    def test_memory_and_sqlite(self, transactions: list[Edit]) -> None:
        """SQLite gives what memory gives, and gives it again when it is reopened."""
        memory = Store(Memory(), uuids())
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "devlxd.db"
            sqlite = Store(SQLite(path), uuids())
            sqlite.open()
            for rule in transactions:
                given, taken = memory.transact(rule), sqlite.transact(rule)
                self.assertEqual(self.outcome(given), self.outcome(taken))
                self.assertEqual(self.state(memory), self.state(sqlite))
                self.consistent(memory)
            sqlite.close()
            reopened = Store(SQLite(path), uuids())
            reopened.open()
            self.assertEqual(self.state(reopened), self.state(memory))
            self.consistent(reopened)
            reopened.close()

    @given(sequences)
    def test_grouped(self, transactions: list[Edit]) -> None:
        """Transactions that are written together come to what they come to alone."""
        alone = Store(Memory(), uuids())
        each = self.run_all(alone, transactions, lambda: None)
        grouped, held = Store(Counting(), uuids()), Held()
        grouped.use(held)
        grouped.transact(lambda draft: draft.set_note("other", "text"))

        def release() -> None:
            held.release()
            if held.work:
                held.release()

        together = self.run_all(grouped, transactions, release)
        self.assertEqual(together, each)
        self.assertEqual(self.state(grouped), self.state(alone))
        self.consistent(grouped)
