"""The database: that it keeps what it is given, and what it refuses."""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
from pathlib import Path

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from devlxd.errors import StoreFailure
from devlxd.model.instance import Instance, Profile
from devlxd.stores.backend import Edits, IBackend, StoreUnusable
from devlxd.stores.sqlite import SQLite
from devlxd.stores.versions import SCHEMA
from devlxd.testing.stores import C1, C2, P1, P2, put, setting
from tests.stores.child import child
from tests.stores.parts import database, opened


def descriptors() -> int:
    """How many files this process has open."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


class SQLiteTests(SynchronousTestCase):
    """`SQLite` keeps edits in a file."""

    def setUp(self) -> None:
        self.path = database(self)

    def unusable(self) -> str:
        """Why the database cannot be used."""
        error = self.assertRaises(StoreUnusable, SQLite(self.path).load)
        self.assertTrue(str(error).startswith(f"{self.path}: "), error)
        self.assertNotIn("\n", str(error))
        return str(error).removeprefix(f"{self.path}: ")

    def raw(self, statement: str) -> list[tuple[object, ...]]:
        """Run a statement on the database as somebody else."""
        connection = sqlite3.connect(self.path)
        try:
            with connection:
                return connection.execute(statement).fetchall()
        finally:
            connection.close()

    def test_interface(self) -> None:
        """It provides `IBackend`."""
        verifyObject(IBackend, SQLite(self.path))

    def test_events_reopened(self) -> None:
        """Events and their numbers are there again, too, and go on."""
        store = opened(self, self.path)
        store.instances.create(Instance(C1))
        store.instances.update(C1, setting("user.a", "1"))
        before = self.successResultOf(store.journal.read(C1, 0, 10))
        store.close()
        store = opened(self, self.path)
        self.assertEqual(store.journal.last(C1), 1)
        self.assertEqual(self.successResultOf(store.journal.read(C1, 0, 10)), before)
        store.instances.update(C1, setting("user.a", "2"))
        after = self.successResultOf(store.journal.read(C1, 1, 10))
        self.assertEqual([record.seq for record in after.records], [2])

    def test_large_events(self) -> None:
        """Who reads large events holds few of them at a time, and gets them all."""
        store = opened(self, self.path)
        store.instances.create(Instance(C1))
        sizes = [10, 40_000, 10, 200_000, 200_001, 10]
        for size in sizes:
            store.instances.update(C1, setting("user.a", "x" * size))
        pages: list[list[int]] = []
        last = 0
        while last < len(sizes):
            page = self.successResultOf(store.journal.read(C1, last, 100))
            self.assertEqual(page.last, len(sizes))
            pages.append([record.seq for record in page.records])
            last = pages[-1][-1]
        self.assertEqual(pages, [[1, 2, 3], [4], [5], [6]])

    def test_reopened(self) -> None:
        """What was there is there again when it is opened the next time."""
        store = opened(self, self.path)
        store.profiles.create(Profile(P1, config={"user.p": "\0"}))
        store.profiles.create(Profile(P2))
        store.instances.create(Instance(C1, profiles=["p1"]))
        store.instances.create(Instance(C2))
        store.transact(lambda draft: put(draft, "\0 \u2028"))
        store.profiles.delete(P2)
        store.instances.delete(C2)
        store.close()
        again = opened(self, self.path)
        instances, profiles = again.instances.all(), again.profiles.all()
        self.assertEqual(
            [expanded.instance for expanded in instances],
            [store.instances.get(C1).instance],
        )
        self.assertEqual(list(profiles), [store.profiles.get(P1)])
        note = again.transact(lambda draft: draft.note("key"))
        self.assertEqual(self.successResultOf(note), "\0 \u2028")

    def test_durable(self) -> None:
        """Each transaction waits for the disk, in WAL mode."""
        backend = SQLite(self.path)
        backend.load()
        self.addCleanup(backend.close)
        for pragma, value in (
            ("journal_mode", "wal"),
            ("synchronous", 2),
            ("foreign_keys", 1),
            ("busy_timeout", 5000),
        ):
            found = backend._connection.execute(f"PRAGMA {pragma}").fetchone()
            self.assertEqual(found, (value,))

    def test_mode(self) -> None:
        """Nobody else may read the file and those beside it, old ones included."""
        self.path.touch(0o644)
        store = opened(self, self.path)
        store.instances.create(Instance(C1))
        files = sorted(self.path.parent.iterdir())
        modes = [stat.S_IMODE(file.stat().st_mode) for file in files]
        self.assertEqual(modes, [0o600, 0o600, 0o600])

    def test_all_or_nothing(self) -> None:
        """Edits of which one cannot be written are not written at all."""
        backend = SQLite(self.path)
        backend.load()
        self.addCleanup(backend.close)
        edits = Edits({C1: Instance(C1)}, {}, {"half": "\ud800"})
        self.assertRaises(UnicodeEncodeError, backend.write, edits)
        backend.write(Edits({C2: Instance(C2)}, {}, {}))
        self.assertEqual(self.raw("SELECT name FROM instance"), [("c2",)])

    def test_closed(self) -> None:
        """A change after the end fails, as every change that cannot be written."""
        store = opened(self, self.path)
        store.close()
        done = store.instances.create(Instance(C1))
        self.failureResultOf(done, StoreFailure)
        self.flushLoggedErrors(sqlite3.ProgrammingError)

    def test_full(self) -> None:
        """When the file cannot grow a change fails, and later ones work again."""
        said = child("tests.stores.filling", self.path)
        self.assertEqual(json.loads(said), ["StoreFailure", "Expanded"])
        store = opened(self, self.path)
        config = store.instances.get(C1).config
        self.assertEqual((config.get("user.big"), config["user.small"]), (None, "1"))

    def test_one_process(self) -> None:
        """A database that is in use is refused until it is closed."""
        store = opened(self, self.path)
        self.assertIn("in use", self.unusable())
        store.close()
        opened(self, self.path)

    def test_copied(self) -> None:
        """Somebody else can look into a database in use, and copy it as a whole."""
        store = opened(self, self.path)
        store.instances.create(Instance(C1))
        self.assertEqual(self.raw("SELECT name FROM instance"), [("c1",)])
        copy = self.path.with_name("copy.db")
        source, target = sqlite3.connect(self.path), sqlite3.connect(copy)
        source.backup(target)
        source.close()
        target.close()
        store.instances.update(C1, setting("user.a", "1"))
        (kept,) = opened(self, copy).instances.all()
        self.assertNotIn("user.a", kept.config)

    def test_no_database(self) -> None:
        """A file that is something else is refused, and left as it is."""
        self.path.write_text("[Unit]\nDescription=x\n" * 100)
        self.assertIn("not a database", self.unusable())
        self.assertTrue(self.path.read_text().startswith("[Unit]"))

    def test_no_directory(self) -> None:
        """A directory that is missing is refused."""
        self.path = self.path.parent / "missing" / "devlxd.db"
        self.assertEqual(self.unusable(), "No such file or directory")

    def test_directory(self) -> None:
        """A directory in place of the file is refused."""
        self.path.mkdir()
        self.assertEqual(self.unusable(), "Is a directory")

    def test_broken_contents(self) -> None:
        """A row that is no instance is refused, by its name."""
        opened(self, self.path).close()
        self.raw("INSERT INTO instance VALUES ('default', 'c1', '{}')")
        self.assertIn("default/c1", self.unusable())
        self.raw("UPDATE instance SET name = 'c 1'")
        self.assertIn("'c 1'", self.unusable())

    def test_descriptors(self) -> None:
        """A refusal leaves nothing open."""
        self.path.write_text("[Unit]\n" * 100)
        before = descriptors()
        self.unusable()
        self.assertEqual(descriptors(), before)


class UpgradeTests(SynchronousTestCase):
    """A database of an older release becomes one of this release."""

    def setUp(self) -> None:
        self.path = database(self)
        self.old = self.path.parent / "old"
        shutil.copytree(str(SCHEMA), self.old)
        self.new = self.path.parent / "new"
        shutil.copytree(self.old, self.new)
        self.version = len(list(self.old.iterdir()))
        backend = SQLite(self.path, schema=self.old)
        backend.load()
        self.instance = Instance(C1, config={"user.a": "\0"})
        backend.write(Edits({C1: self.instance}, {P1: Profile(P1)}, {"key": "text"}))
        backend.close()

    def script(self, number: int, text: str) -> None:
        """Add a script to the schema of the new release."""
        (self.new / f"{self.version + number:04}.sql").write_text(text)

    def user_version(self) -> int:
        """How many scripts the database says that it has seen."""
        connection = sqlite3.connect(self.path)
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        connection.close()
        return int(version) - self.version

    def test_upgrade(self) -> None:
        """The scripts that it has not seen are run in order, and nothing is lost."""
        self.script(1, "CREATE TABLE journal (seq INTEGER PRIMARY KEY, event TEXT);")
        self.script(
            2,
            "INSERT INTO journal (event) VALUES ('x');\n"
            "UPDATE instance SET document = json_set(document, '$.location', 'n1');",
        )
        backend = SQLite(self.path, schema=self.new)
        contents = backend.load()
        backend.close()
        self.assertEqual(contents.instances, (evolve(self.instance, location="n1"),))
        self.assertEqual(contents.profiles, (Profile(P1),))
        self.assertEqual(contents.notes, {"key": "text"})
        self.assertEqual(self.user_version(), 2)

    def test_once(self) -> None:
        """A script is run once."""
        self.script(1, "INSERT INTO note VALUES ('ran', '1');")
        for _ in range(2):
            backend = SQLite(self.path, schema=self.new)
            self.assertEqual(backend.load().notes, {"key": "text", "ran": "1"})
            backend.close()

    def test_newer(self) -> None:
        """A database of a newer release is refused, and left as it is."""
        self.script(1, "DROP TABLE note;")
        self.assertRaises(StoreUnusable, SQLite(self.path, schema=self.new).load)
        older = SQLite(self.path, schema=self.old)
        error = self.assertRaises(StoreUnusable, older.load)
        self.assertIn("newer release", str(error))
        self.assertEqual(self.user_version(), 1)

    def test_interrupted(self) -> None:
        """A script that fails changes nothing, and those before it have been run."""
        self.script(1, "INSERT INTO note VALUES ('ran', '1');")
        self.script(2, "DELETE FROM instance; INSERT INTO nowhere VALUES (1);")
        broken = SQLite(self.path, schema=self.new)
        self.assertIn("nowhere", str(self.assertRaises(StoreUnusable, broken.load)))
        self.assertEqual(self.user_version(), 1)
        self.script(2, "")
        backend = SQLite(self.path, schema=self.new)
        contents = backend.load()
        backend.close()
        self.assertEqual(contents.instances, (self.instance,))
        self.assertEqual(contents.notes["ran"], "1")

    def test_shipped(self) -> None:
        """The scripts of this release are numbered without a gap, from one."""
        names = sorted(file.name for file in SCHEMA.iterdir())
        self.assertEqual(names, [f"{n + 1:04}.sql" for n in range(len(names))])
