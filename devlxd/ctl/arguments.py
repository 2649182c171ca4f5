"""What the commands of ``devlxdctl`` take."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from typing import TypeAlias

from devlxd.ctl.hostevents import TYPES
from devlxd.ctl.things import Kind

Add: TypeAlias = Callable[[ArgumentParser], None]
"""Adds some arguments to a parser."""

SHELLS = ("bash", "fish", "zsh")
"""The shells that can be taught to complete."""


def all_of(*parts: Add) -> Add:
    """Several, in their order."""

    def add(parser: ArgumentParser) -> None:
        for part in parts:
            part(parser)

    return add


def existing(kind: Kind) -> Add:
    """The name of one that is there; completion knows the name by its metavar."""

    def add(parser: ArgumentParser) -> None:
        parser.add_argument("name", metavar=kind.word.upper(), help="its name")

    return add


def existing_ones(kind: Kind) -> Add:
    """The names of some."""

    def add(parser: ArgumentParser) -> None:
        parser.add_argument(
            "names", metavar=kind.word.upper(), nargs="+", help="their names"
        )

    return add


def new_name(parser: ArgumentParser) -> None:
    """A name that is not taken."""
    parser.add_argument("name", metavar="NAME", help="its name")


def other_name(parser: ArgumentParser) -> None:
    """Another name."""
    parser.add_argument("new", metavar="NAME", help="its new name")


def key(parser: ArgumentParser) -> None:
    """A key."""
    parser.add_argument("key", metavar="KEY", help="such as user.foo")


def keys(parser: ArgumentParser) -> None:
    """Some keys."""
    parser.add_argument("keys", metavar="KEY", nargs="+", help="such as user.foo")


def pair(text: str) -> tuple[str, str]:
    """
    A key and its value.

    :raises ArgumentTypeError: when it is none.
    """
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise ArgumentTypeError(f"not KEY=VALUE: {text!r}")
    return name, value


def pairs(parser: ArgumentParser) -> None:
    """Some keys and their values."""
    parser.add_argument(
        "pairs",
        metavar="KEY=VALUE",
        nargs="+",
        type=pair,
        help="KEY=- for what standard input has, KEY= to unset it",
    )


def some_pairs(parser: ArgumentParser) -> None:
    """Keys and their values, or none."""
    parser.add_argument(
        "pairs", metavar="KEY=VALUE", nargs="*", type=pair, help="a key"
    )


def device(parser: ArgumentParser) -> None:
    """The name of a device."""
    parser.add_argument("key", metavar="DEVICE", help="the device's name")


def devices(parser: ArgumentParser) -> None:
    """The names of some devices."""
    parser.add_argument("keys", metavar="DEVICE", nargs="+", help="their names")


def device_type(parser: ArgumentParser) -> None:
    """The type of a device."""
    parser.add_argument("type", metavar="TYPE", help="such as nic or disk")


def expanded(kind: Kind) -> Add:
    """Whether with what comes from profiles, which only instances have."""

    def add(parser: ArgumentParser) -> None:
        if "profiles" in kind.fields:
            parser.add_argument(
                *("-e", "--expanded"),
                action="store_true",
                help="with what comes from its profiles",
            )
        else:
            parser.set_defaults(expanded=False)

    return add


def listing(parser: ArgumentParser) -> None:
    """Which to list, and what of them."""
    everywhere(parser)
    parser.add_argument("--names", action="store_true", help="print their names only")


def everywhere(parser: ArgumentParser) -> None:
    """Whether in all projects."""
    parser.add_argument(
        "--all-projects", action="store_true", help="those of all projects"
    )


def description(parser: ArgumentParser) -> None:
    """A description and some config."""
    parser.add_argument("--description", metavar="TEXT", default="", help="for people")
    parser.add_argument(
        *("-c", "--config"),
        metavar="KEY=VALUE",
        dest="pairs",
        action="append",
        default=[],
        type=pair,
        help="a key that it has; may be given several times",
    )


def instance(parser: ArgumentParser) -> None:
    """What only an instance has."""
    parser.add_argument(
        "--type",
        choices=("container", "virtual-machine"),
        default="container",
        help="what it is (default: container)",
    )
    parser.add_argument(
        "--image", metavar="IMAGE", help="what it is made from, which tells the type"
    )
    parser.add_argument(
        *("-p", "--profile"),
        metavar="PROFILE",
        dest="profiles",
        action="append",
        help="one that it uses; may be given several times (default: default)",
    )
    parser.add_argument(
        "--no-profiles",
        dest="profiles",
        action="store_const",
        const=[],
        help="it uses none",
    )


def profiles(parser: ArgumentParser) -> None:
    """The profiles of an instance."""
    parser.add_argument(
        "profiles", metavar="PROFILE", nargs="*", help="later ones win; none is fine"
    )


def pid(parser: ArgumentParser) -> None:
    """A process."""
    parser.add_argument(
        "pid",
        metavar="PID",
        type=positive,
        help="its init process, as the host sees it",
    )


def positive(text: str) -> int:
    """
    A number above 0.

    :raises ArgumentTypeError: when it is none.
    """
    if not (text.isascii() and text.isdigit() and int(text)):
        raise ArgumentTypeError(f"not the number of a process: {text!r}")
    return int(text)


def ready(parser: ArgumentParser) -> None:
    """What to wait for."""
    parser.add_argument(
        "--ready", action="store_true", required=True, help="until it says it is ready"
    )


def event_types(parser: ArgumentParser) -> None:
    """Which events."""
    parser.add_argument(
        "--type",
        choices=TYPES,
        dest="types",
        action="append",
        default=[],
        help="only these; may be given several times (default: all)",
    )
    everywhere(parser)


def which_shell(parser: ArgumentParser) -> None:
    """A shell."""
    parser.add_argument("shell", choices=SHELLS, help="for which")


def directory(parser: ArgumentParser) -> None:
    """Where files are to be."""
    parser.add_argument(
        "--directory",
        metavar="DIR",
        help="write all pages there, instead of one to standard output",
    )
