"""The command line of ``devlxdctl``."""

from __future__ import annotations

from argparse import SUPPRESS, Namespace
from collections.abc import Mapping, Sequence
from typing import Any

from devlxd.client.parsers import EXIT_CODES, Parser, filled, understood
from devlxd.ctl.commands import COMMANDS, GROUPS
from devlxd.ctl.host import DEFAULT_PROJECT

__all__ = ["SOCKET_VARIABLE", "STATE_DIRECTORY", "parse", "parser", "socket_of"]

SOCKET_VARIABLE = "DEVLXD_HOST_SOCKET"
"""The environment's word on where the socket is."""

STATE_DIRECTORY = "/var/lib/devlxd"
"""Where the service keeps its state, unless it is told otherwise."""

EPILOG = f"""\
The socket is --socket, else unix.socket in --state-dir, else
${SOCKET_VARIABLE}, else {STATE_DIRECTORY}/unix.socket.

{EXIT_CODES}
example:
  devlxdctl set c1 user.motd=Welcome
"""


class HostParser(Parser):
    """Takes what is common to all commands of an operator."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.add_argument(
            "--state-dir",
            metavar="DIR",
            default=SUPPRESS,
            help=f"the service's state directory (default: {STATE_DIRECTORY})",
        )
        self.add_argument(
            "--project",
            metavar="PROJECT",
            default=SUPPRESS,
            help=f"the project of the names (default: {DEFAULT_PROJECT})",
        )


def parse(arguments: Sequence[str]) -> Namespace:
    """
    Understand a command line.

    :return: has ``socket``, ``state_dir`` and ``timeout``, each ``None`` when nobody
        said it, ``project``, ``json``, ``command`` and what its arguments add.
    :raises Leave: when there is nothing to do.
    """
    defaults = Namespace(
        socket=None, state_dir=None, timeout=None, project=DEFAULT_PROJECT, json=False
    )
    return understood(parser(), arguments, defaults)


def parser() -> Parser:
    """The parser of all commands."""
    top = HostParser(
        prog="devlxdctl",
        description="Manage what a host tells its instances in LXD's guest API.",
        epilog=EPILOG,
    )
    return filled(top, COMMANDS, GROUPS)


def socket_of(options: Namespace, environ: Mapping[str, str]) -> str:
    """Where the socket is."""
    if options.socket is not None:
        return str(options.socket)
    if options.state_dir is None and environ.get(SOCKET_VARIABLE):
        return environ[SOCKET_VARIABLE]
    return f"{options.state_dir or STATE_DIRECTORY}/unix.socket"
