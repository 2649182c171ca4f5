"""The ``devlxd`` command, for people and scripts in a guest."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from typing import NoReturn

from twisted.internet.interfaces import IReactorTime

from devlxd.client import program
from devlxd.client.commands import Place
from devlxd.client.guest import GuestClient
from devlxd.client.options import default_socket, parse
from devlxd.client.program import Program, Shell
from devlxd.client.progress import Progress
from devlxd.client.show import Printer

__all__ = ["Shell", "main", "run"]


async def work(
    reactor: IReactorTime,
    shell: Shell,
    options: Namespace,
    note: Callable[[str], object],
) -> None:
    """Ask the host."""
    path = options.socket or default_socket(shell.environ, shell.exists)
    client = GuestClient.connect(reactor, path, options.timeout)
    progress = Progress(shell.err, reactor.seconds)
    printer = Printer(shell.out, options.json, note, progress)
    place = Place(reactor, path, client)
    await options.command.perform(place, options, printer)


PROGRAM = Program("devlxd", parse, work)
"""The command."""


async def run(reactor: IReactorTime, shell: Shell) -> int:
    """
    Do what the command line says.

    :return: the exit code.
    """
    return await program.run(PROGRAM, reactor, shell)


def main() -> NoReturn:
    """The entry point."""
    program.enter(PROGRAM)


if __name__ == "__main__":
    main()
