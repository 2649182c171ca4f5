"""The SQL that writes edits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias, TypeVar

from devlxd.model.names import QualifiedName
from devlxd.stores.backend import Edits
from devlxd.stores.records import (
    alias_document,
    image_document,
    instance_document,
    profile_document,
    record_row,
)

__all__ = ["Statement", "statements"]

N = TypeVar("N", bound=QualifiedName)
V = TypeVar("V")

Statement: TypeAlias = tuple[str, list[tuple[object, ...]]]
"""One statement, and the rows that it is run with."""

# The tables' names are our own.
_SAVE = (
    "INSERT INTO {} (project, name, document) VALUES (?, ?, ?)"
    " ON CONFLICT (project, name) DO UPDATE SET document = excluded.document"
)
_DROP = "DELETE FROM {} WHERE project = ? AND name = ?"
_SAVE_NOTE = (
    "INSERT INTO note (key, text) VALUES (?, ?)"
    " ON CONFLICT (key) DO UPDATE SET text = excluded.text"
)
_SAVE_EVENT = (
    "INSERT INTO event (project, name, seq, timestamp, type, metadata)"
    " VALUES (?, ?, ?, ?, ?, ?)"
)
_SAVE_LAST = (
    "INSERT INTO sequence (project, name, last) VALUES (?, ?, ?)"
    " ON CONFLICT (project, name) DO UPDATE SET last = excluded.last"
)
_DROP_EVENTS = "DELETE FROM event WHERE project = ? AND name = ? AND seq <= ?"
_NEWEST = 2**63 - 1


def statements(edits: Edits, keep: int) -> Iterator[Statement]:
    """
    What writes edits, in this order.

    :param keep: how many events of each instance stay.
    """
    yield from _of_table("instance", edits.instances, instance_document)
    yield from _of_table("profile", edits.profiles, profile_document)
    yield from _of_table("image", edits.images, image_document)
    yield from _of_table("alias", edits.aliases, alias_document)
    yield _SAVE_NOTE, list(edits.notes.items())
    yield _DROP_EVENTS, [(n.project, n.name, _NEWEST) for n in edits.forgotten]
    yield _SAVE_EVENT, _event_rows(edits)
    yield _SAVE_LAST, [(n.project, n.name, last) for n, last in edits.last.items()]
    # What is too old goes as the new comes, so that this never takes long.
    yield (
        _DROP_EVENTS,
        [(n.project, n.name, edits.last[n] - keep) for n in edits.records],
    )


def _of_table(
    table: str, edits: Mapping[N, V | None], document: Callable[[V], str]
) -> Iterator[Statement]:
    saved: list[tuple[object, ...]] = []
    dropped: list[tuple[object, ...]] = []
    for name, value in edits.items():
        if value is None:
            dropped.append((name.project, name.name))
        else:
            saved.append((name.project, name.name, document(value)))
    yield _SAVE.format(table), saved
    yield _DROP.format(table), dropped


def _event_rows(edits: Edits) -> list[tuple[object, ...]]:
    return [
        (name.project, name.name, *record_row(record))
        for name, records in edits.records.items()
        for record in records
    ]
