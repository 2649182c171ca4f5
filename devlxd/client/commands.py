"""What the ``devlxd`` command can do, one value each."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from contextlib import aclosing

from attrs import frozen
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from devlxd.client.agent import Agent, close, listen
from devlxd.client.command import Command, Group
from devlxd.client.destination import destination
from devlxd.client.events import TYPES
from devlxd.client.guest import GuestClient
from devlxd.client.output import Unwritable
from devlxd.client.show import Printer

__all__ = ["COMMANDS", "GROUPS", "Command", "Group", "Place"]


@frozen
class Place:
    """
    Where a command is at work.

    :ivar socket: the path of the service's socket.
    :ivar client: asks the service behind it.
    """

    reactor: IReactorTime
    socket: str
    client: GuestClient


def key_argument(parser: ArgumentParser) -> None:
    """The name of a key."""
    parser.add_argument("key", metavar="KEY", help="its name, such as user.foo")


def image_arguments(parser: ArgumentParser) -> None:
    """Which image, and where to."""
    parser.add_argument(
        "name", metavar="FINGERPRINT", help="all 64 digits of its SHA-256"
    )
    parser.add_argument(
        "file",
        metavar="FILE",
        nargs="?",
        default=".",
        help="the file to write, or a directory (default: this one)",
    )


def event_arguments(parser: ArgumentParser) -> None:
    """Which events."""
    parser.add_argument(
        "--type",
        metavar="TYPES",
        dest="types",
        type=types,
        default=(),
        help=f"only these: {' or '.join(TYPES)} (default: all)",
    )
    parser.add_argument(
        "--since",
        metavar="NUMBER",
        type=number,
        help="begin after the event of this number (default: with the next one)",
    )


def types(text: str) -> str:
    """
    Types of events, with commas between them.

    :raises ArgumentTypeError: when one is unknown, since nobody would hear of it.
    """
    for name in text.split(","):
        if name not in TYPES:
            raise ArgumentTypeError(f"no type of events: {name!r}")
    return text


def number(text: str) -> int:
    """
    The number of an event.

    :raises ArgumentTypeError: when it is none.
    """
    if not (text.isascii() and text.isdigit()):
        raise ArgumentTypeError(f"not the number of an event: {text!r}")
    return int(text)


async def info(place: Place, _: Namespace, printer: Printer) -> None:
    """``devlxd info``"""
    printer.info(await place.client.info())


async def config_list(place: Place, _: Namespace, printer: Printer) -> None:
    """``devlxd config list``"""
    printer.names(await place.client.keys())


async def config_get(place: Place, options: Namespace, printer: Printer) -> None:
    """``devlxd config get KEY``"""
    printer.exact(await place.client.config(options.key))


async def config_show(place: Place, _: Namespace, printer: Printer) -> None:
    """``devlxd config show``"""
    printer.settings(await place.client.all_config())


async def devices(place: Place, _: Namespace, printer: Printer) -> None:
    """``devlxd devices``"""
    printer.devices(await place.client.devices())


async def metadata(place: Place, _: Namespace, printer: Printer) -> None:
    """``devlxd metadata``"""
    printer.exact(await place.client.metadata())


async def events(place: Place, options: Namespace, printer: Printer) -> None:
    """``devlxd events``"""

    def notice(failure: Exception) -> None:
        printer.note(f"{failure} (trying again)")

    events = place.client.events(options.types, options.since, notice=notice)
    async with aclosing(events):
        async for told in events:
            printer.told(told)


def agent_arguments(parser: ArgumentParser) -> None:
    """Where the host is."""
    parser.add_argument(
        "--to",
        metavar="PLACE",
        type=destination,
        required=True,
        help="vsock:CID:PORT, tcp:HOST:PORT or unix:PATH",
    )


async def image_export(place: Place, options: Namespace, printer: Printer) -> None:
    """``devlxd image export FINGERPRINT [FILE]``"""

    def notice(failure: Exception) -> None:
        printer.note(f"{failure} (trying again)")

    try:
        image = await place.client.export_image(
            options.name, options.file, printer.progress, notice=notice
        )
    except OSError as error:
        reason = error.strerror or str(error)
        raise Unwritable(f"cannot write {options.file}: {reason}") from error
    printer.exported(image)


async def ready(place: Place, _: Namespace, printer: Printer) -> None:
    """``devlxd ready``"""
    await place.client.ready()
    printer.done({"state": "Ready"})


async def agent(place: Place, options: Namespace, printer: Printer) -> None:
    """``devlxd agent``"""
    to = options.to

    def complain(text: str) -> None:
        printer.note(f"{to.text}: {text}; callers are turned away")

    far = to.endpoint(place.reactor, options.timeout)
    port = listen(place.reactor, place.socket, Agent(far, complain))
    printer.note(f"{place.socket} leads to {to.text}")
    try:
        await Deferred()
    finally:
        close(port)


CONFIG = Group(
    ("config",),
    "read the config of this instance",
    "Of all keys on the host, an instance may read user.* and cloud-init.*.",
    "devlxd config list",
)

IMAGE = Group(
    ("image",),
    "fetch images that the host has",
    "For an instance that makes instances itself, and is allowed to.",
    "devlxd image export $FINGERPRINT",
)

GROUPS = {group.words: group for group in (CONFIG, IMAGE)}
"""The words that several commands begin with."""

COMMANDS: tuple[Command[Place, Printer], ...] = (
    Command(
        ("info",),
        "say what the host tells of this instance",
        "Its state, its type and where it is, and the version of the API.",
        "devlxd info",
        info,
    ),
    Command(
        ("config", "list"),
        "list the keys that this instance may read",
        "One a line, sorted.",
        "devlxd config list | grep '^user\\.'",
        config_list,
    ),
    Command(
        ("config", "get"),
        "print the value of one key",
        "To a file or a pipe, exactly the bytes that the host has; on a terminal a "
        "newline follows if there is none.",
        "devlxd config get user.motd > /etc/motd",
        config_get,
        key_argument,
    ),
    Command(
        ("config", "show"),
        "print all keys with their values",
        "For people; programs take --json.",
        "devlxd --json config show",
        config_show,
    ),
    Command(
        ("devices",),
        "print the devices of this instance",
        "Each by name, with its keys indented below it.",
        "devlxd --json devices | jq -r 'keys[]'",
        devices,
    ),
    Command(
        ("metadata",),
        "print what cloud-init reads as its meta-data",
        "YAML, exactly the bytes that the host gives; on a terminal a newline follows "
        "if there is none.",
        "devlxd metadata",
        metadata,
    ),
    Command(
        ("image", "export"),
        "write an image of the host to a file",
        "An image of two files is written to FILE and FILE.root; in a directory, "
        "files are called after the image.  What was written is printed.  On a "
        "terminal a bar shows how far it is.  When the connection breaks, an image of "
        "one file goes on where it was.",
        "devlxd image export $FINGERPRINT /tmp/image.tar.xz",
        image_export,
        image_arguments,
    ),
    Command(
        ("events",),
        "print what happens to this instance, as it happens",
        "A line each, until it is interrupted or nobody reads any more.  While the "
        "service is away it is waited for.",
        "devlxd events --type config | head -n 1",
        events,
        event_arguments,
        endless=True,
    ),
    Command(
        ("ready",),
        "tell the host that this instance does its work",
        "Prints nothing.",
        "devlxd ready && echo told",
        ready,
    ),
    Command(
        ("agent",),
        "serve the socket in a guest that its host shares none with",
        "Listens on --socket, for its own user alone, and forwards what connects there "
        "to the host, until it is interrupted.",
        "devlxd agent --to tcp:10.0.2.100:80",
        agent,
        agent_arguments,
    ),
)
"""All commands, in the order of the help."""
