"""
A store's data in an SQLite database.

``synchronous=FULL`` in WAL mode means one ``fsync`` a transaction, and that what was
written survives the end of the process and of the machine.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeVar

from attrs import define, field
from zope.interface import implementer

from devlxd.errors import InvalidData
from devlxd.model.event import Page
from devlxd.model.names import (
    AliasName,
    ImageName,
    InstanceName,
    ProfileName,
    QualifiedName,
)
from devlxd.stores.backend import KEPT, Contents, Edits, IBackend, StoreUnusable
from devlxd.stores.records import (
    alias_from,
    image_from,
    instance_from,
    profile_from,
    record_from,
)
from devlxd.stores.statements import statements
from devlxd.stores.versions import SCHEMA, upgrade

__all__ = ["SQLite"]

N = TypeVar("N", bound=QualifiedName)
V = TypeVar("V")

_PATIENCE = 5.0  # seconds, for an operator who looks into the database with a tool
_PAGE_SIZE = 64 * 1024  # characters of events in a page, or one event

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
)
_READ_EVENTS = (
    "SELECT seq, timestamp, type, metadata FROM event"
    " WHERE project = ? AND name = ? AND seq > ? ORDER BY seq LIMIT ?"
)
_READ_LAST = "SELECT last FROM sequence WHERE project = ? AND name = ?"
_READ_TABLE = "SELECT project, name, document FROM {}"


def _page(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    # Who reads slowly holds a page, and there may be a thousand of those.
    size = 0
    for row in rows:
        yield row
        size += len(row[-1])
        if size >= _PAGE_SIZE:
            return


def _reason(error: Exception) -> str:
    # The text of an OSError has the path once more.
    return (isinstance(error, OSError) and error.strerror) or str(error)


@implementer(IBackend)
@define(eq=False)
class SQLite:
    """
    A database file, of one process at a time and of mode 0600.

    :ivar path: the file; its directory exists.  SQLite puts ``-wal`` and ``-shm``
        beside it.
    :ivar keep: how many events of each instance are kept.
    """

    path: Path
    keep: int = field(default=KEPT, kw_only=True)
    _schema: Traversable = field(default=SCHEMA, kw_only=True)
    _open: ExitStack = field(init=False, factory=ExitStack)
    _connection: sqlite3.Connection = field(init=False)

    def load(self) -> Contents:
        try:
            self._claim()
            self._connect()
            return self._contents()
        except (OSError, sqlite3.Error, InvalidData, StoreUnusable) as error:
            self.close()
            raise StoreUnusable(f"{self.path}: {_reason(error)}") from error

    def write(self, edits: Edits) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            for statement, rows in statements(edits, self.keep):
                self._connection.executemany(statement, rows)
            self._connection.commit()
        except BaseException:
            self._connection.rollback()
            raise

    def read(self, name: InstanceName, since: int, limit: int) -> Page:
        place = (name.project, name.name)
        with closing(
            self._connection.execute(_READ_EVENTS, (*place, since, limit))
        ) as rows:
            records = tuple(record_from(*row) for row in _page(rows))
        last = self._connection.execute(_READ_LAST, place).fetchone()
        return Page(records, last[0] if last else 0)

    def close(self) -> None:
        self._open.close()

    def _claim(self) -> None:
        # Two stores on one file would not see each other's changes.  The descriptor is
        # closed after the connection, since closing it drops SQLite's own locks, which
        # are of the other kind (fcntl(2)) and do not meet this one (flock(2)).
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._open.callback(os.close, descriptor)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreUnusable("in use by another process") from None
        # A file that was put here by hand may be open to all.
        os.fchmod(descriptor, 0o600)

    def _connect(self) -> None:
        # Written in one thread and closed in another, never in both at a time.
        self._connection = sqlite3.connect(
            self.path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
        )
        self._open.callback(self._connection.close)
        for pragma in _PRAGMAS:
            self._connection.execute(pragma)
        upgrade(self._connection, self._schema)

    def _contents(self) -> Contents:
        rows = self._connection.execute
        return Contents(
            instances=self._all("instance", InstanceName, instance_from),
            profiles=self._all("profile", ProfileName, profile_from),
            images=self._all("image", ImageName, image_from),
            aliases=self._all("alias", AliasName, alias_from),
            notes=dict(rows("SELECT key, text FROM note")),
            last={
                InstanceName(project, name): last
                for project, name, last in rows(
                    "SELECT project, name, last FROM sequence"
                )
            },
        )

    def _all(
        self, table: str, kind: type[N], read: Callable[[N, str], V]
    ) -> tuple[V, ...]:
        rows = self._connection.execute(_READ_TABLE.format(table))
        return tuple(
            read(kind(project, name), document) for project, name, document in rows
        )
