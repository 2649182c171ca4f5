"""Runs out of room for a database, and gets some again."""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

from devlxd.model.instance import Instance
from devlxd.stores.sqlite import SQLite
from devlxd.stores.store import Store
from devlxd.testing.stores import C1, setting
from tests.stores.parts import uuids


def change(store: Store, key: str, value: str) -> str:
    """What came of a change."""
    outcomes: list[object] = []
    store.instances.update(C1, setting(key, value)).addBoth(outcomes.append)
    (outcome,) = outcomes
    return getattr(outcome, "type", type(outcome)).__name__


def main(path: Path) -> list[str]:
    """Ask for a change that does not fit and one that does."""
    store = Store(SQLite(path), uuids())
    store.open()
    store.instances.create(Instance(C1))
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # The kernel refuses to let any file grow over this, as a full disk would.
    resource.setrlimit(resource.RLIMIT_FSIZE, (256 * 1024, hard))
    big = change(store, "user.big", "x" * 1024 * 1024)
    small = change(store, "user.small", "1")
    store.close()
    return [big, small]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]))))
