"""The commands on config that instances and profiles have in common."""

from __future__ import annotations

from argparse import Namespace
from functools import partial
from typing import TypeAlias

from devlxd.client.command import Command
from devlxd.ctl import arguments, editing
from devlxd.ctl.desk import Desk
from devlxd.ctl.host import HostClient
from devlxd.ctl.things import Content, Kind
from devlxd.ctl.yamltext import dumped, yaml_of
from devlxd.errors import NotFound

__all__ = ["Words", "commands_of", "updated", "values"]

Words: TypeAlias = tuple[str, ...]


def values(options: Namespace, desk: Desk) -> dict[str, str]:
    """The keys and values of a command line, ``-`` being standard input."""
    return {key: desk.read() if value == "-" else value for key, value in options.pairs}


def updated(old: dict[str, str], changes: dict[str, str]) -> dict[str, str]:
    """A map with some keys changed; those with an empty value are unset."""
    return {key: value for key, value in {**old, **changes}.items() if value}


def in_config(changes: dict[str, str], content: Content) -> Content:
    """A content with other config."""
    return {**content, "config": updated(content["config"], changes)}


async def show(kind: Kind, client: HostClient, options: Namespace, desk: Desk) -> None:
    """``show NAME``"""
    thing = await client.get(kind, options.name)
    lines = yaml_of(thing)
    if options.expanded:
        lines = dumped({"config": thing.config(True), "devices": thing.devices(True)})
    desk.output.show(thing.document, lines.splitlines())


async def get(kind: Kind, client: HostClient, options: Namespace, desk: Desk) -> None:
    """``get NAME KEY``"""
    found = (await client.get(kind, options.name)).config(options.expanded)
    if options.key not in found:
        raise NotFound("not set")
    desk.output.exact(found[options.key])


async def set_(kind: Kind, client: HostClient, options: Namespace, desk: Desk) -> None:
    """``set NAME KEY=VALUE ...``"""
    await client.update(kind, options.name, partial(in_config, values(options, desk)))


async def unset(kind: Kind, client: HostClient, options: Namespace, desk: Desk) -> None:
    """``unset NAME KEY ...``"""
    nothing = dict.fromkeys(options.keys, "")
    await client.update(kind, options.name, partial(in_config, nothing))


async def edit(kind: Kind, client: HostClient, options: Namespace, desk: Desk) -> None:
    """``edit NAME``"""
    await editing.edit(client, kind, options.name, desk)


async def rename(
    kind: Kind, client: HostClient, options: Namespace, desk: Desk
) -> None:
    """``rename NAME NEW``"""
    await client.rename(kind, options.name, options.new)


async def delete(
    kind: Kind, client: HostClient, options: Namespace, desk: Desk
) -> None:
    """``delete NAME ...``"""
    for name in options.names:
        # A refusal is told with the name that it is about.
        options.name = name
        await client.delete(kind, name)


def commands_of(
    kind: Kind, prefix: Words, example: str
) -> tuple[Command[HostClient, Desk], ...]:
    """
    The commands of a kind.

    :param prefix: the words before those of each.
    :param example: the name of one.
    """
    word, called = kind.word, " ".join(("devlxdctl", *prefix))
    a = "an" if word == "instance" else "a"
    one, all_of = arguments.existing(kind), arguments.all_of
    more = arguments.expanded(kind)
    return (
        Command(
            (*prefix, "show"),
            f"print {a} {word} as YAML",
            "That may be given to edit, and stand in the instances file.",
            f"{called} show {example}",
            partial(show, kind),
            all_of(one, more),
        ),
        Command(
            (*prefix, "get"),
            "print the value of one key",
            "To a file or a pipe, exactly the bytes that the host has.",
            f"{called} get {example} user.motd",
            partial(get, kind),
            all_of(one, arguments.key, more),
        ),
        Command(
            (*prefix, "set"),
            "give keys other values",
            "What others change meanwhile is kept.",
            f"{called} set {example} user.motd=Welcome",
            partial(set_, kind),
            all_of(one, arguments.pairs),
        ),
        Command(
            (*prefix, "unset"),
            "remove keys",
            "Those that are not set are no fault.",
            f"{called} unset {example} user.motd",
            partial(unset, kind),
            all_of(one, arguments.keys),
        ),
        Command(
            (*prefix, "edit"),
            f"change {a} {word} in an editor",
            "The editor is $VISUAL, $EDITOR or vi.  Where standard input is no "
            "terminal, it is taken instead.",
            f"{called} edit {example}",
            partial(edit, kind),
            one,
        ),
        Command(
            (*prefix, "rename"),
            f"give {a} {word} another name",
            "Prints nothing.",
            f"{called} rename {example} {example}-old",
            partial(rename, kind),
            all_of(one, arguments.other_name),
        ),
        Command(
            (*prefix, "delete"),
            f"remove {word}s",
            "Those before one that cannot be removed are gone then.",
            f"{called} delete {example}",
            partial(delete, kind),
            arguments.existing_ones(kind),
        ),
    )
