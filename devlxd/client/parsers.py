"""Command lines, from commands that are values."""

from __future__ import annotations

import math
from argparse import (
    SUPPRESS,
    ArgumentParser,
    ArgumentTypeError,
    Namespace,
    RawDescriptionHelpFormatter,
    _SubParsersAction,
)
from collections.abc import Iterable, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from textwrap import fill
from typing import Any, NoReturn, TypeAlias

from devlxd import __version__
from devlxd.client.command import Command, Group
from devlxd.client.guest import DEFAULT_TIMEOUT

__all__ = ["EXIT_CODES", "Leave", "Parser", "filled", "understood"]

EXIT_CODES = """\
exit codes:
  0  done
  1  the service refused, or its answer is of no use
  2  the command line is wrong
  3  no service there: no socket, or nobody listens
  4  there is no such thing: no such key, for one
  5  not allowed
  6  no answer in time
  130  interrupted
"""

_Places: TypeAlias = "_SubParsersAction[Parser]"


class Leave(Exception):
    """
    Nothing is to be done: help was asked for, or the command line is wrong.

    :ivar code: the exit code.
    :ivar out: for standard output.
    :ivar complaint: for standard error.
    """

    def __init__(self, code: int, out: str, complaint: str) -> None:
        super().__init__(complaint)
        self.code = code
        self.out = out
        self.complaint = complaint


class Parser(ArgumentParser):
    """
    A parser that complains in one line.

    All of them take the common options, so that these may stand before and after the
    words of a command.  Without a default in each, what stands before is not forgotten.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(
            formatter_class=RawDescriptionHelpFormatter, allow_abbrev=False, **settings
        )
        self.add_argument(
            "--socket", metavar="PATH", default=SUPPRESS, help="the service's socket"
        )
        self.add_argument(
            "--timeout",
            metavar="SECONDS",
            type=seconds,
            default=SUPPRESS,
            help=f"wait so long for each answer (default: {DEFAULT_TIMEOUT:g})",
        )
        self.add_argument(
            "--json",
            action="store_true",
            default=SUPPRESS,
            help="print JSON: one document, or one for each event",
        )

    def error(self, message: str) -> NoReturn:
        """Complain, without repeating the usage."""
        program = self.prog.partition(" ")[0]
        self.exit(2, f"{program}: {message}; see {self.prog} --help\n")


def seconds(text: str) -> float:
    """
    A time to wait.

    :raises ArgumentTypeError: unless it is a finite number above 0.
    """
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise ArgumentTypeError(f"not a number of seconds above 0: {text!r}")
    return value


def understood(
    parser: ArgumentParser, arguments: Sequence[str], defaults: Namespace
) -> Namespace:
    """
    Understand a command line.

    :raises Leave: when there is nothing to do.
    """
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
        try:
            return parser.parse_args(arguments, defaults)
        except SystemExit as leave:
            code = int(leave.code or 0)
    raise Leave(code, out.getvalue(), err.getvalue())


def filled(
    top: Parser,
    commands: Iterable[Command[Any, Any]],
    groups: Mapping[tuple[str, ...], Group],
) -> Parser:
    """
    A parser that understands commands, too, each below the groups that it is in.

    :param groups: by their words.
    """
    version = f"{top.prog} {__version__}"
    top.add_argument(
        "--version", action="version", version=version, help="print the version"
    )
    places: dict[tuple[str, ...], _Places] = {(): _places(top)}
    for command in commands:
        for length in range(1, len(command.words)):
            group = command.words[:length]
            if group not in places:
                parent = places[group[:-1]]
                places[group] = _places(_described(parent, groups[group]))
        parser = _described(places[command.words[:-1]], command)
        command.arguments(parser)
        parser.set_defaults(command=command)
    return top


def _places(parser: Parser) -> _Places:
    return parser.add_subparsers(title="commands", metavar="COMMAND", required=True)


def _described(places: _Places, what: Group) -> Parser:
    return places.add_parser(
        what.words[-1],
        help=what.help,
        description=fill(f"{what.help[0].upper()}{what.help[1:]}.  {what.more}", 79),
        epilog=f"example:\n  {what.example}",
    )
