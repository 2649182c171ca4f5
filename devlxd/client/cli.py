"""The ``devlxd`` command, for people and scripts in a guest."""

from __future__ import annotations

import io
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import BinaryIO, NoReturn, TextIO, cast

from attrs import frozen
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IReactorCore, IReactorFDSet, IReactorTime
from twisted.internet.task import react

from devlxd.client.escapes import printable
from devlxd.client.failures import NoService, NotPermitted, ServiceFailure, TimedOut
from devlxd.client.guest import GuestClient
from devlxd.client.options import Leave, default_socket, parse
from devlxd.client.reading import while_read
from devlxd.client.show import Printer, ReaderGone, Unwritable
from devlxd.errors import Forbidden, NotFound, Refusal, Unauthorized

__all__ = ["Shell", "main", "run"]

DONE = 0
FAILED = 1
INTERRUPTED = 130
"""As a shell has it for a program that SIGINT ended."""

CODES: dict[type[Exception], int] = {
    NotFound: 4,
    Unauthorized: 5,
    Forbidden: 5,
    NotPermitted: 5,
    NoService: 3,
    TimedOut: 6,
    Refusal: FAILED,
    ServiceFailure: FAILED,
    Unwritable: FAILED,
}
"""The exit code for each failure: the first class counts that it is of."""

LONGEST = 500
"""How many characters of a service's own words are worth showing."""


@frozen
class Shell:
    """
    What the command has from the shell.

    :ivar arguments: without the name of the command.
    :ivar exists: whether there is a file of this path.
    """

    arguments: Sequence[str]
    environ: Mapping[str, str]
    out: BinaryIO
    err: TextIO
    exists: Callable[[str], bool] = os.path.exists

    def complain(self, text: str) -> None:
        """One line on standard error, if that can be written at all."""
        with suppress(OSError):
            self.err.write(f"devlxd: {printable(text[:LONGEST])}\n")


async def run(reactor: IReactorTime, shell: Shell) -> int:
    """
    Do what the command line says.

    :return: the exit code.
    """
    try:
        return await attempt(reactor, shell)
    except ReaderGone:
        return DONE
    except tuple(CODES) as failure:
        shell.complain(str(failure))
        return code_of(failure)


async def attempt(reactor: IReactorTime, shell: Shell) -> int:
    """As `run`, and raises whatever has no command to speak of."""
    try:
        options = parse(shell.arguments)
    except Leave as leave:
        Printer(shell.out).write(leave.out.encode())
        shell.err.write(leave.complaint)
        return leave.code
    path = options.socket or default_socket(shell.environ, shell.exists)
    client = GuestClient.connect(reactor, path, options.timeout)
    printer = Printer(shell.out, options.json, shell.complain)
    work = options.command.perform(client, options, printer)
    try:
        if options.command.endless:
            work = while_read(cast(IReactorFDSet, reactor), shell.out, work)
        await work
    except Refusal as refusal:
        # Such as "Forbidden", which says nothing without what it is about.
        shell.complain(f"{subject(options)}: {refusal}")
        return code_of(refusal)
    return DONE


def code_of(failure: Exception) -> int:
    """The exit code for one of the `CODES`."""
    return next(code for kind, code in CODES.items() if isinstance(failure, kind))


def subject(options: Namespace) -> str:
    """The command and its operand."""
    words = [*options.command.words]
    if "key" in options:
        words.append(options.key)
    return " ".join(words)


async def leave(reactor: IReactorTime, shell: Shell) -> NoReturn:
    """Run, and leave the process with the exit code."""
    running = Deferred.fromCoroutine(run(reactor, shell))
    # Without this, a signal would stop the reactor and the exit code be 0.
    cast(IReactorCore, reactor).addSystemEventTrigger(
        "before", "shutdown", running.cancel
    )
    try:
        code = await running
    except CancelledError:
        code = INTERRUPTED
    raise SystemExit(code)


def standard_output() -> BinaryIO:
    """
    Standard output without a buffer, so that what could not be written is known when it
    is to be written and not when the process ends.
    """
    if sys.stdout is None:
        # Whoever started us closed it.  Only a command that says something minds.
        return cast(BinaryIO, io.FileIO(os.devnull, "r"))
    return cast(BinaryIO, io.FileIO(sys.stdout.fileno(), "w", closefd=False))


def main() -> NoReturn:
    """The entry point."""
    err = sys.stderr or io.StringIO()
    react(leave, [Shell(sys.argv[1:], os.environ, standard_output(), err)])


if __name__ == "__main__":
    main()
