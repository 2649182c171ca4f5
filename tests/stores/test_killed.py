"""What is acknowledged is kept, whatever happens to the process."""

from __future__ import annotations

import json
import random
import secrets
import sqlite3
import subprocess
import time
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from devlxd.stores.store import Store
from devlxd.testing.stores import P1
from tests.stores import killed
from tests.stores.child import command, environment
from tests.stores.parts import database, opened

ROUNDS = 50


def acknowledged(path: Path, chance: random.Random) -> int:
    """
    Let a process change the database, and kill it at some moment.

    :return: the last change that it told to be acknowledged, or 0.
    """
    with subprocess.Popen(
        command("tests.stores.killed", path),
        env=environment(),
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(chance.randrange(8))]
        # While it starts, if it was not waited for; else often right at the news, since
        # what is told too early is written soon enough.
        longest = 0.005 if lines else 0.3
        time.sleep(chance.choice([0, chance.uniform(0, longest)]))
        process.kill()
        lines += process.stdout.readlines()
    return max((int(line) for line in lines if line.endswith(b"\n")), default=0)


def expected(number: int, remainder: int) -> str | None:
    """What the last change of its kind wrote, when so many changes were made."""
    latest = number - (number - remainder) % 3
    return str(latest) if latest > 0 else None


class KilledTests(SynchronousTestCase):
    """A process that is killed loses no acknowledged change."""

    def setUp(self) -> None:
        self.path = database(self)
        self.seed = secrets.randbits(32)

    def test_killed(self) -> None:
        """Time and again, every acknowledged change is there, and each is whole."""
        chance = random.Random(self.seed)  # noqa: S311 (repeatable, not secret)
        told = made = 0
        for number in range(ROUNDS):
            told = max(made, acknowledged(self.path, chance))
            store = opened(self, self.path)
            made = self.successResultOf(store.transact(killed.last))
            when = f"seed {self.seed}, round {number}: {made} made, {told} told"
            self.assertTrue(told <= made <= told + killed.IN_FLIGHT, when)
            if made:
                self.check(store, made, when)
            store.close()
            self.check_file(when)
        self.assertGreater(made, ROUNDS)

    def check(self, store: Store, made: int, when: str) -> None:
        """Check that the data are what so many changes make."""
        profile = store.profiles.get(P1)
        shared = profile.config.get("cloud-init.user-data")
        self.assertEqual(shared, expected(made, 0), when)
        for remainder, name in enumerate(killed.NAMES):
            config = store.instances.get(name).config
            self.assertEqual(config.get("cloud-init.user-data"), shared, when)
            if remainder:
                self.assertEqual(config.get("user.n"), expected(made, remainder), when)
        noted = self.successResultOf(
            store.transact(lambda draft: (draft.note(killed.IDS), killed.ids(draft)))
        )
        self.assertEqual(noted, (json.dumps(noted[1]), noted[1]), when)

    def check_file(self, when: str) -> None:
        """Check that SQLite finds no fault with the file."""
        connection = sqlite3.connect(self.path)
        (found,) = connection.execute("PRAGMA integrity_check").fetchone()
        connection.close()
        self.assertEqual(found, "ok", when)
