"""What the ``devlxdctl`` command can do, one value each."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from devlxd.client.command import Command, Group
from devlxd.client.program import Unable
from devlxd.ctl import arguments
from devlxd.ctl.completion import SCRIPTS
from devlxd.ctl.desk import Desk
from devlxd.ctl.host import HostClient
from devlxd.ctl.images import IMAGES
from devlxd.ctl.instances import INSTANCES, PROFILES
from devlxd.ctl.manual import page
from devlxd.ctl.outline import outline_of
from devlxd.ctl.waiting import monitor

__all__ = ["COMMANDS", "GROUPS"]


async def completion(_: HostClient, options: Namespace, desk: Desk) -> None:
    """``completion SHELL``"""
    parser = desk.parsers()[0]
    desk.output.exact(SCRIPTS[options.shell](outline_of(parser)))


async def manual(_: HostClient, options: Namespace, desk: Desk) -> None:
    """``manual``"""
    pages = {f"{p.prog}.1": page(outline_of(p)) for p in desk.parsers()}
    if options.directory is None:
        desk.output.exact(next(iter(pages.values())))
        return
    try:
        for name, text in pages.items():
            Path(options.directory, name).write_text(text, "utf-8")
    except OSError as error:
        raise Unable(f"cannot write {error.filename}: {error.strerror}") from error
    desk.output.done(sorted(pages))


GROUPS = {
    group.words: group
    for group in (
        Group(
            ("device",),
            "the devices of an instance",
            "Its own ones, and with --expanded those of its profiles.",
            "devlxdctl device list c1",
        ),
        Group(
            ("profile",),
            "config and devices that instances share",
            "A change of a profile changes all instances that use it.",
            "devlxdctl profile list",
        ),
        Group(
            ("profile", "device"),
            "the devices of a profile",
            "All instances that use it have them.",
            "devlxdctl profile device list web",
        ),
        Group(
            ("image",),
            "what instances can be made from",
            "An image is named by an alias, its fingerprint or the beginning of that.",
            "devlxdctl image list",
        ),
        Group(
            ("image", "alias"),
            "other names of images",
            "An alias leads to one image; an image may have many.",
            "devlxdctl image alias list",
        ),
    )
}
"""The words that several commands begin with."""

COMMANDS: tuple[Command[HostClient, Desk], ...] = (
    *INSTANCES,
    *PROFILES,
    *IMAGES,
    Command(
        ("monitor",),
        "print what happens on the host, as it happens",
        "A line each, until it is interrupted or nobody reads any more.  While the "
        "service is away it is waited for; what happens then is not told.",
        "devlxdctl monitor --type lifecycle",
        monitor,
        arguments.event_types,
        endless=True,
    ),
    Command(
        ("completion",),
        "print a script that teaches a shell to complete",
        "Names are completed, too, by asking the host.",
        'eval "$(devlxdctl completion bash)"',
        completion,
        arguments.which_shell,
    ),
    Command(
        ("manual",),
        "print the manual page",
        "Or write those of devlxd and devlxdctl.",
        "devlxdctl manual --directory /usr/local/share/man/man1",
        manual,
        arguments.directory,
    ),
)
"""All commands, in the order of the help."""
