"""The ``devlxdctl`` command, for operators of a host."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn

from twisted.internet.interfaces import IReactorTime

from devlxd.client.failures import (
    BadAnswer,
    ConnectionRefused,
    NoSocket,
    NotPermitted,
    ServiceFailure,
)
from devlxd.client.guest import DEFAULT_TIMEOUT
from devlxd.client.options import parser as guest_parser
from devlxd.client.output import Output
from devlxd.client.program import Program, Shell, enter
from devlxd.ctl.desk import Desk
from devlxd.ctl.host import HostClient
from devlxd.ctl.options import parse, parser, socket_of

__all__ = ["PROGRAM", "main"]

ADVICE: Mapping[type[ServiceFailure], str] = {
    BadAnswer: "is it the host's socket?",
    ConnectionRefused: "is the service running?",
    NoSocket: "is the service running?  Else say --socket or --state-dir",
    NotPermitted: "ask as root, or as a member of the service's group",
}
"""What to do, where an operator does something else than a guest."""


def worded(failure: Exception) -> str:
    """What has happened, and what to do."""
    if isinstance(failure, ServiceFailure) and type(failure) in ADVICE:
        return f"{failure.fact}; {ADVICE[type(failure)]}"
    return str(failure)


def parsers() -> Sequence[ArgumentParser]:
    """The parsers of all programs, ours first."""
    return (parser(), guest_parser())


async def work(
    reactor: IReactorTime,
    shell: Shell,
    options: Namespace,
    note: Callable[[str], object],
) -> None:
    """Ask the service."""
    timeout = options.timeout or DEFAULT_TIMEOUT
    path = socket_of(options, shell.environ)
    client = HostClient.connect(reactor, path, timeout, options.project)
    output = Output(shell.out, options.json, note)
    desk = Desk(output, shell, reactor, options.timeout, parsers)
    await options.command.perform(client, options, desk)


PROGRAM = Program("devlxdctl", parse, work, worded)
"""The command."""


def main() -> NoReturn:
    """The entry point."""
    enter(PROGRAM)


if __name__ == "__main__":
    main()
