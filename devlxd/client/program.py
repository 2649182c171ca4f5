"""A program for people and scripts, from its command line to its exit code."""

from __future__ import annotations

import io
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from typing import Any, BinaryIO, NoReturn, TextIO, cast

from attrs import frozen
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IReactorCore, IReactorFDSet, IReactorTime
from twisted.internet.task import react

from devlxd.client.escapes import printable
from devlxd.client.failures import NoService, NotPermitted, ServiceFailure, TimedOut
from devlxd.client.output import Output, ReaderGone, Unwritable
from devlxd.client.parsers import Leave
from devlxd.client.reading import while_read
from devlxd.errors import Forbidden, NotFound, Refusal, Unauthorized

__all__ = ["Program", "Shell", "Unable", "enter", "run"]

DONE = 0
FAILED = 1
INTERRUPTED = 130
"""As a shell has it for a program that SIGINT ended."""


class Unable(Exception):
    """What was asked for cannot be done, for a reason that the text says."""


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
    Unable: FAILED,
}
"""The exit code for each failure: the first class counts that it is of."""

LONGEST = 500
"""How many characters of a service's own words are worth showing."""


@frozen
class Shell:
    """
    What a program has from the shell.

    :ivar arguments: without the name of the program.
    :ivar exists: whether there is a file of this path.
    :ivar inp: standard input, if it is open.
    """

    arguments: Sequence[str]
    environ: Mapping[str, str]
    out: BinaryIO
    err: TextIO
    exists: Callable[[str], bool] = os.path.exists
    inp: TextIO | None = None


@frozen
class Program:
    """
    A program.

    :ivar parse: understands a command line, or raises `Leave`.  What it returns has
        ``command`` and ``json``.
    :ivar work: does what a command line says.  The last argument tells people what is
        no part of the answer.
    :ivar worded: says a failure.
    """

    name: str
    parse: Callable[[Sequence[str]], Namespace]
    work: Callable[
        [IReactorTime, Shell, Namespace, Callable[[str], object]],
        Coroutine[Any, Any, None],
    ]
    worded: Callable[[Exception], str] = str

    def complain(self, shell: Shell, text: str) -> None:
        """One line on standard error, if that can be written at all."""
        with suppress(OSError):
            shell.err.write(f"{self.name}: {printable(text[:LONGEST])}\n")
            shell.err.flush()


async def run(program: Program, reactor: IReactorTime, shell: Shell) -> int:
    """
    Do what the command line says.

    :return: the exit code.
    """
    try:
        return await attempt(program, reactor, shell)
    except ReaderGone:
        return DONE
    except tuple(CODES) as failure:
        program.complain(shell, program.worded(failure))
        return code_of(failure)


async def attempt(program: Program, reactor: IReactorTime, shell: Shell) -> int:
    """As `run`, and raises whatever has no command to speak of."""
    try:
        options = program.parse(shell.arguments)
    except Leave as leave:
        Output(shell.out).write(leave.out.encode())
        shell.err.write(leave.complaint)
        return leave.code

    def note(text: str) -> None:
        program.complain(shell, text)

    work = program.work(reactor, shell, options, note)
    try:
        if options.command.endless:
            work = while_read(cast(IReactorFDSet, reactor), shell.out, work)
        await work
    except Refusal as refusal:
        # Such as "Forbidden", which says nothing without what it is about.
        program.complain(shell, f"{subject(options)}: {refusal}")
        return code_of(refusal)
    return DONE


def code_of(failure: Exception) -> int:
    """The exit code for one of the `CODES`."""
    return next(code for kind, code in CODES.items() if isinstance(failure, kind))


def subject(options: Namespace) -> str:
    """The command and its operands."""
    operands = (getattr(options, word, None) for word in ("name", "key"))
    return " ".join([*options.command.words, *filter(None, operands)])


async def leave(reactor: IReactorTime, program: Program, shell: Shell) -> NoReturn:
    """Run, and leave the process with the exit code."""
    running = Deferred.fromCoroutine(run(program, reactor, shell))
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


def standard_input() -> TextIO | None:
    """Standard input, whose ends of lines are left as they are."""
    if sys.stdin is None:
        return None
    return open(sys.stdin.fileno(), encoding="utf-8", newline="", closefd=False)


def enter(program: Program) -> NoReturn:
    """Be a program."""
    err = sys.stderr or io.StringIO()
    inp = standard_input()
    shell = Shell(sys.argv[1:], os.environ, standard_output(), err, inp=inp)
    react(leave, [program, shell])
