"""The command line of ``devlxd``."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence

from devlxd.client.commands import COMMANDS, GROUPS
from devlxd.client.guest import DEFAULT_PATH, DEFAULT_TIMEOUT
from devlxd.client.parsers import EXIT_CODES, Leave, Parser, filled, understood

__all__ = [
    "INCUS_PATH",
    "SOCKET_VARIABLE",
    "Leave",
    "default_socket",
    "parse",
    "parser",
]

SOCKET_VARIABLE = "DEVLXD_SOCKET"
"""The environment's word on where the socket is."""

INCUS_PATH = "/dev/incus/sock"
"""Where instances of Incus find the socket."""

EPILOG = f"""\
The socket is --socket, else ${SOCKET_VARIABLE}, else {DEFAULT_PATH}, else
{INCUS_PATH} if that is there.

{EXIT_CODES}
example:
  devlxd config get user.motd > /etc/motd
"""


def default_socket(environ: Mapping[str, str], exists: Callable[[str], bool]) -> str:
    """
    Where the socket is, unless the command line says it.

    :param exists: whether there is a file of this path.
    """
    if named := environ.get(SOCKET_VARIABLE):
        return named
    # Named first also when neither is there, so that the failure speaks of it.
    if exists(DEFAULT_PATH) or not exists(INCUS_PATH):
        return DEFAULT_PATH
    return INCUS_PATH


def parse(arguments: Sequence[str]) -> Namespace:
    """
    Understand a command line.

    :return: has ``socket`` (``None`` for the default), ``timeout``, ``json``,
        ``command`` and what its arguments add.
    :raises Leave: when there is nothing to do.
    """
    defaults = Namespace(socket=None, timeout=DEFAULT_TIMEOUT, json=False)
    return understood(parser(), arguments, defaults)


def parser() -> Parser:
    """The parser of all commands."""
    top = Parser(
        prog="devlxd",
        description="Ask the host about this instance, in LXD's guest API.",
        epilog=EPILOG,
    )
    return filled(top, COMMANDS, GROUPS)
