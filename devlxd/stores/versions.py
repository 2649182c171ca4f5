"""
Brings a database to the schema of this release.

The schema is a directory of scripts, ``0001.sql`` and so on.  The first ones are never
changed again; how many of them a database has seen is its ``user_version``.
"""

from __future__ import annotations

import sqlite3
from importlib.resources import files
from importlib.resources.abc import Traversable

from devlxd.stores.backend import StoreUnusable

SCHEMA: Traversable = files("devlxd.stores") / "schema"
"""The scripts of this release."""


def upgrade(connection: sqlite3.Connection, schema: Traversable) -> None:
    """
    Run the scripts that a database has not seen, each in a transaction of its own.

    :raises sqlite3.Error: when one fails; close the connection then.
    :raises StoreUnusable: when the database has seen more scripts than there are.
    """
    scripts = sorted(
        (file for file in schema.iterdir() if file.name.endswith(".sql")),
        key=lambda file: file.name,
    )
    (seen,) = connection.execute("PRAGMA user_version").fetchone()
    if seen > len(scripts):
        raise StoreUnusable(
            f"made by a newer release of devlxd (schema version {seen}, "
            f"this one knows {len(scripts)})"
        )
    for version, script in enumerate(scripts[seen:], seen + 1):
        _run(connection, script.read_text(), version)


def _run(connection: sqlite3.Connection, script: str, version: int) -> None:
    # executescript commits whatever is open, so the transaction is in the script.  One
    # that fails is undone when the connection is closed.
    connection.executescript(
        f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {version};\nCOMMIT;"
    )
