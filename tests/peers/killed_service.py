"""
The service, killed time and again while a key of its instance changes.

It does what the lines of standard input say:

``change``  start the service, and in it count up ``user.k`` of the instance without end
``serve``   start the service, and have it change nothing
``kill``    kill it (SIGKILL), and say ``killed`` when it is gone

Each service is a process of its own, a fork of this one, which has all modules and has
run none.  A line on standard output that is a number is a value of ``user.k`` whose
change was acknowledged.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Any, NoReturn

from attrs import evolve
from twisted.internet.defer import Deferred
from twisted.internet.epollreactor import EPollReactor
from twisted.python.failure import Failure

from devlxd.model.instance import Instance
from devlxd.model.names import InstanceName
from devlxd.options import Options
from devlxd.stores.store import Store
from devlxd.stores.writer import Writer
from devlxd.tap import make_service

C1 = InstanceName("default", "c1")
KEY = "user.k"

IN_FLIGHT = 3
"""So many changes are asked for at a time, so that some are written together."""


def counted(instance: Instance) -> Instance:
    """A rule: the next number."""
    number = int(instance.config.get(KEY, 0)) + 1
    return evolve(instance, config={**instance.config, KEY: str(number)})


async def change(store: Store) -> None:
    """Make one change after the other, and tell of each."""
    while True:
        changed = await store.instances.update(C1, counted)
        os.write(1, f"{changed.config[KEY]}\n".encode())


def changing(store: Store) -> None:
    """Begin to make changes."""
    for _ in range(IN_FLIGHT):
        Deferred.fromCoroutine(change(store)).addErrback(ended)


def ended(failure: Failure) -> NoReturn:
    """End the process, since a change failed."""
    failure.printTraceback()
    os._exit(1)


def run(directory: Path, changes: bool) -> None:
    """Be the service."""
    options = Options()
    options.parseOptions(
        [
            *("--state-dir", str(directory / "state"), "--assume", "c1"),
            *("--instances", str(directory / "instances.yaml")),
            # However long a client is kept from asking, nothing may be dropped.
            *("--keep-events", "1000000"),
        ]
    )
    # The one that was imported would share its epoll with all forks.
    reactor: Any = EPollReactor()
    whole = make_service(options, reactor)
    whole.startService()
    (store,) = (part._store for part in whole if isinstance(part, Writer))
    if changes:
        # After the writer's own call, which begins to use its thread.
        reactor.callFromThread(changing, store)
    reactor.run(installSignalHandlers=False)


def forked(directory: Path, changes: bool) -> int:
    """Start a service; return its pid."""
    pid = os.fork()
    if pid == 0:
        try:
            run(directory, changes)
        except BaseException:
            traceback.print_exc()
        os._exit(1)
    return pid


def main(directory: Path) -> None:
    """Do what standard input says, to its end."""
    pid = None
    for line in sys.stdin:
        if line == "kill\n":
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            pid = None
            os.write(1, b"killed\n")
        else:
            pid = forked(directory, line == "change\n")
    if pid is not None:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
