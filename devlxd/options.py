"""The command line of ``twistd devlxd``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from textwrap import dedent, wrap
from typing import Any, ClassVar, NoReturn

from attrs import frozen
from twisted.python.usage import Options as UsageOptions
from twisted.python.usage import UsageError

from devlxd import __version__
from devlxd.guest.servers import SERVERS
from devlxd.host.yamltree import BadFile
from devlxd.identity.runtimes.known import RUNTIMES
from devlxd.identity.runtimes.naming import Naming
from devlxd.service import values

__all__ = ["PARAMETERS", "STORES", "Options", "Parameter", "leave"]

STORES = ("sqlite", "memory")


@frozen
class Parameter:
    """
    One option with a value.

    :ivar value: what the value is called.
    :ivar convert: from the text to the value; raises ``ValueError`` with the reason, or
        `BadFile`.
    """

    name: str
    value: str
    default: str | None
    help: str
    convert: Callable[[str], object]


PARAMETERS = (
    Parameter(
        "state-dir",
        "DIR",
        "/var/lib/devlxd",
        "Keep all data here.  Its subdirectory devlxd holds the guest socket, and is "
        "what guests get to see as /dev/lxd; with --compat=incus guestapi, /dev/incus.",
        values.directory,
    ),
    Parameter(
        "store",
        "|".join(STORES),
        "sqlite",
        "Keep instances and profiles in the state directory, or in memory only.",
        values.one_of(*STORES),
    ),
    Parameter(
        "instances",
        "FILE",
        None,
        "Apply what this YAML file of instances and profiles says differently from "
        "the last time, at start and whenever it is edited.",
        values.instances_file,
    ),
    Parameter(
        "compat",
        "|".join(SERVERS),
        "lxd-6",
        "Answer guests as this server would.",
        values.compat,
    ),
    Parameter(
        "assume",
        "[PROJECT/]NAME",
        None,
        "Take every caller for this instance, whoever it is: for development and "
        "tests.",
        values.instance,
    ),
    Parameter(
        "runtime",
        "NAME,...",
        ",".join(RUNTIMES),
        "Recognise the containers that these have started, by their names; none for "
        "registered ones only.",
        values.runtimes,
    ),
    Parameter(
        "lxc-path",
        "DIR:...",
        "/var/lib/lxc",
        "Recognise LXC's containers that have their configs in these directories.",
        values.directories,
    ),
    Parameter(
        "lxd-path",
        "DIR:...",
        "/var/lib/lxd/containers:/var/snap/lxd/common/lxd/containers"
        ":/var/lib/incus/containers",
        "Recognise LXD's and Incus' containers that have their configs in these.",
        values.directories,
    ),
    Parameter(
        "map",
        "RUNTIME:NAME=[PROJECT/]NAME,...",
        None,
        "Take a runtime's container for an instance of another name, or all of its "
        "containers (RUNTIME:*=PROJECT/*) for those of a project.",
        Naming.parse,
    ),
    Parameter(
        "guest",
        "ENDPOINT",
        None,
        "Listen for guests on this Twisted endpoint, such as unix:/run/x/sock:mode=660 "
        "or, with --assume, tcp:8080; not on the socket in the state directory.",
        values.endpoint,
    ),
    Parameter(
        "guest-mode",
        "MODE",
        "0666",
        "Give the guest socket in the state directory this mode.",
        values.mode,
    ),
    Parameter(
        "instance-sockets",
        "none|vm|all",
        "vm",
        "Which instances have a socket of their own in the state directory, where "
        "whoever connects is that instance: none, virtual machines, or all.",
        values.types,
    ),
    Parameter(
        "host-group",
        "GROUP",
        None,
        "Let the members of this group manage instances, beside root and the user of "
        "the service.",
        values.group,
    ),
    Parameter(
        "host-mode",
        "MODE",
        "0660",
        "Give the host socket in the state directory, unix.socket, this mode.",
        values.mode,
    ),
    Parameter(
        "max-connections",
        "NUMBER",
        "1024",
        "Let one instance hold as many connections.",
        values.count,
    ),
    Parameter(
        "max-head",
        "BYTES",
        "65536",
        "Take request heads of this size at the most.",
        values.head_size,
    ),
    Parameter(
        "max-body",
        "BYTES",
        "1048576",
        "Take request bodies of this size at the most.",
        values.count,
    ),
    Parameter(
        "max-image-size",
        "BYTES",
        "17179869184",
        "Take images of this size at the most.",
        values.count,
    ),
    Parameter(
        "max-images",
        "NUMBER",
        "1000",
        "Keep as many images, of all projects together.",
        values.count,
    ),
    Parameter(
        "head-time",
        "SECONDS",
        "3",
        "Give a caller this long to send a request, but for images.",
        values.seconds,
    ),
    Parameter(
        "idle-time",
        "SECONDS",
        "30",
        "Close a connection after this long without a request, or without more of an "
        "image.",
        values.seconds,
    ),
    Parameter(
        "keep-events",
        "NUMBER",
        "1000",
        "Keep the last events of each instance, for who asks what it missed.",
        values.count,
    ),
    Parameter(
        "queue-events",
        "NUMBER",
        "1000",
        "Let as many events wait for a listener that is slow to read them.",
        values.count,
    ),
    Parameter(
        "queue-bytes",
        "BYTES",
        "1048576",
        "Let as many bytes of events wait for it.",
        values.count,
    ),
)

_FLAGS = (
    ("--version", "Print the version and exit."),
    ("--help", "Print this help and exit."),
)

_ABOUT = """\
    Tells every instance (container or VM) on this host about itself, in LXD's guest
    API.  A first look, without root:

      twistd -n devlxd --state-dir=state --instances=FILE --assume=NAME
    """


class Options(UsageOptions):
    """What ``twistd devlxd`` is told; after parsing, with values of the right types."""

    synopsis = "[options]"
    optParameters: ClassVar = [[p.name, None, p.default, p.help] for p in PARAMETERS]

    def opt_version(self) -> None:
        """Print the version and exit."""
        print(f"devlxd {__version__}")
        sys.exit(0)

    def parseOptions(self, options: Any = None) -> None:
        """
        Read the command line.

        :raises UsageError: with what is wrong, in one line; under ``twistd``, which
            would print the whole help before that, it is `SystemExit`.
        """
        try:
            super().parseOptions(options)
        except UsageError as error:
            if self.parent is None:
                raise
            leave(error)

    def parseArgs(self, *arguments: str) -> None:
        """There are none but options."""
        if arguments:
            raise UsageError(f"unexpected argument {arguments[0]!r}")

    def postOptions(self) -> None:
        """Convert the values."""
        for parameter in PARAMETERS:
            if self[parameter.name] is not None:
                self[parameter.name] = _converted(parameter, self[parameter.name])
        if self["guest"] is not None and self["guest-mode"] != 0o666:
            raise UsageError(
                "--guest-mode is for the socket in the state directory; "
                "write --guest unix:PATH:mode=MODE"
            )

    def getUsage(self, width: int | None = None) -> str:
        """The help, with the options in an order that makes sense."""
        return f"\n{dedent(_ABOUT)}\nOptions:\n" + "".join(_rows(width or 80))


def leave(error: UsageError) -> NoReturn:
    """
    Say what is wrong with the command line, and nothing else.

    :raises SystemExit: always.
    """
    raise SystemExit(f"twistd devlxd: {error}") from error


def _converted(parameter: Parameter, text: str) -> object:
    """
    :raises UsageError: with the name of the option, in one line.
    """
    shown = text if text and text.isprintable() else repr(text)
    try:
        return parameter.convert(text)
    except BadFile as error:
        raise UsageError(f"--{parameter.name} {error.of(shown)}") from error
    except ValueError as error:
        raise UsageError(f"--{parameter.name} {shown}: {error}") from error


def _rows(width: int) -> Iterator[str]:
    options = [
        (f"--{p.name}={p.value}", _with_default(p.help, p.default)) for p in PARAMETERS
    ]
    options += _FLAGS
    column = max(len(option) for option, _ in options) + 4
    for option, text in options:
        first, *others = wrap(text, max(width - column, 20))
        yield f"  {option}".ljust(column) + first + "\n"
        yield from (f"{'':{column}}{line}\n" for line in others)


def _with_default(text: str, default: str | None) -> str:
    return text if default is None else f"{text} [default: {default}]"
