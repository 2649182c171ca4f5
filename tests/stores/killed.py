"""
Changes a database without an end, and tells of each change that was acknowledged.

Each change has a number.  Those that three divides edit a profile that all instances
use, the others edit one instance.  A line on standard output is the number of a change
whose Deferred has fired.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from devlxd.errors import NoSuchInstance
from devlxd.interfaces import IDraft
from devlxd.model.instance import Instance, Profile
from devlxd.model.names import InstanceName
from devlxd.model.renewal import INSTANCE_ID
from devlxd.stores.sqlite import SQLite
from devlxd.stores.store import Store
from devlxd.stores.writer import Writer
from devlxd.testing.stores import P1, setting

NAMES = tuple(InstanceName("default", f"c{n}") for n in range(3))

IN_FLIGHT = 4
"""So many changes are asked for at a time, so that groups are written."""

LAST = "last"
"""The note of the last change's number."""

IDS = "ids"
"""The note of what the instance-ids are, as JSON."""


def last(draft: IDraft) -> int:
    """A rule that tells the number of the last change."""
    return int(draft.note(LAST) or 0)


def ids(draft: IDraft) -> list[str]:
    """A rule that tells the instances' ids."""
    return [draft.instance(name).config[INSTANCE_ID] for name in NAMES]


def populate(draft: IDraft) -> None:
    """A rule that makes what is to be changed, the first time."""
    try:
        draft.instance(NAMES[0])
    except NoSuchInstance:
        draft.create_profile(Profile(P1))
        for name in NAMES:
            draft.create_instance(Instance(name, profiles=["p1"]))


def change(draft: IDraft, number: int) -> None:
    """A rule that makes one change."""
    text = str(number)
    if number % 3:
        draft.update_instance(NAMES[number % 3], setting("user.n", text))
    else:
        draft.update_profile(P1, setting("cloud-init.user-data", text))
    draft.set_note(LAST, text)
    draft.set_note(IDS, json.dumps(ids(draft)))


async def change_all(store: Store, numbers: Iterator[int]) -> None:
    """Make one change after the other, and tell of each."""
    for number in numbers:
        done = store.transact(partial(change, number=number))
        assert not done.called, "This is to test the thread"
        await done
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


def changing(store: Store, numbers: Iterator[int]) -> None:
    """Begin to make changes."""
    Deferred.fromCoroutine(change_all(store, numbers)).addErrback(ended)


def ended(failure: Failure) -> None:
    """End the process, since a change failed."""
    failure.printTraceback()
    os._exit(1)


def main(path: Path, reactor: Any) -> None:
    """Change the database until somebody ends this process."""
    store = Store(SQLite(path), lambda: str(uuid4()))
    Writer(reactor, store).startService()
    started: list[int] = []
    store.transact(populate)
    store.transact(last).addCallback(started.append)
    numbers = count(started[0] + 1)
    for _ in range(IN_FLIGHT):
        # After the writer's own call, which begins to use the thread.
        reactor.callFromThread(changing, store, numbers)
    reactor.run()


if __name__ == "__main__":
    main(Path(sys.argv[1]), reactor)
