"""The commands that only instances or only profiles have."""

from __future__ import annotations

from argparse import Namespace

from devlxd.client.command import Command
from devlxd.ctl import arguments
from devlxd.ctl.desk import Desk
from devlxd.ctl.devices import device_commands_of
from devlxd.ctl.host import DEFAULT_PROJECT, HostClient
from devlxd.ctl.hostimages import HostImages
from devlxd.ctl.settings import Words, commands_of, updated, values
from devlxd.ctl.things import INSTANCE, PROFILE, Content, Kind, Thing
from devlxd.ctl.waiting import wait

__all__ = ["INSTANCES", "PROFILES"]


async def list_instances(client: HostClient, options: Namespace, desk: Desk) -> None:
    """``list``"""
    found = await client.all(INSTANCE, options.all_projects)
    if options.names:
        desk.output.names([instance.name for instance in found])
        return
    head, rows = ["NAME", "TYPE", "STATUS", "PROFILES"], [*map(_instance, found)]
    if options.all_projects:
        head.insert(1, "PROJECT")
        for row, instance in zip(rows, found, strict=True):
            row.insert(1, instance.word("project") or DEFAULT_PROJECT)
    desk.table(_documents(found), head, rows)


def _instance(instance: Thing) -> list[str]:
    profiles = ", ".join(instance.content["profiles"])
    return [instance.name, instance.word("type"), instance.word("status"), profiles]


async def list_profiles(client: HostClient, options: Namespace, desk: Desk) -> None:
    """``profile list``"""
    found = await client.all(PROFILE, options.all_projects)
    if options.names:
        desk.output.names([profile.name for profile in found])
        return
    head, rows = ["NAME", "DESCRIPTION", "USED BY"], [*map(_profile, found)]
    desk.table(_documents(found), head, rows)


def _profile(profile: Thing) -> list[str]:
    users = profile.document.get("used_by")
    count = len(users) if isinstance(users, list) else 0
    return [profile.name, profile.content["description"], str(count)]


def _documents(found: list[Thing]) -> list[object]:
    return [thing.document for thing in found]


async def create_instance(client: HostClient, options: Namespace, desk: Desk) -> None:
    """``create NAME``"""
    document = {
        **_new(options, desk),
        "type": options.type,
        "source": {"type": "none"},
        "profiles": options.profiles,
    }
    if options.image is not None:
        image = await HostImages(client).get(options.image)
        source = {"type": "image", "fingerprint": image.fingerprint}
        document |= {"source": source, "type": image.type}
    await client.create(INSTANCE, document)


async def create_profile(client: HostClient, options: Namespace, desk: Desk) -> None:
    """``profile create NAME``"""
    await client.create(PROFILE, _new(options, desk))


def _new(options: Namespace, desk: Desk) -> Content:
    return {
        "name": options.name,
        "description": options.description,
        "config": updated({}, values(options, desk)),
        "devices": {},
    }


async def assign(client: HostClient, options: Namespace, _: Desk) -> None:
    """``assign NAME [PROFILE ...]``"""

    def rule(content: Content) -> Content:
        return {**content, "profiles": options.profiles}

    await client.update(INSTANCE, options.name, rule)


async def register(client: HostClient, options: Namespace, _: Desk) -> None:
    """``register NAME PID``"""
    await client.register(options.name, options.pid)


def _whole(
    kind: Kind, prefix: Words, example: str, *own: Command[HostClient, Desk]
) -> tuple[Command[HostClient, Desk], ...]:
    """All commands of a kind, its own ones first."""
    return (
        *own,
        *commands_of(kind, prefix, example),
        *device_commands_of(kind, prefix, example),
    )


_one = arguments.existing(INSTANCE)
_all_of = arguments.all_of

INSTANCES = _whole(
    INSTANCE,
    (),
    "c1",
    Command(
        ("list",),
        "list instances",
        "A table that fits the terminal, or 80 columns.",
        "devlxdctl list --all-projects",
        list_instances,
        arguments.listing,
    ),
    Command(
        ("create",),
        "make an instance",
        "Only what guests are told of it is made; a container runtime makes the rest.",
        "devlxdctl create c1 --profile default --config user.role=web",
        create_instance,
        _all_of(arguments.new_name, arguments.instance, arguments.description),
    ),
    Command(
        ("assign",),
        "say which profiles an instance uses",
        "These and no others.",
        "devlxdctl assign c1 default web",
        assign,
        _all_of(_one, arguments.profiles),
    ),
    Command(
        ("register",),
        "say which process is the init of an instance",
        "What it and all in its pid namespace ask is answered for this instance, until "
        "it ends.",
        'devlxdctl register c1 "$(lxc-info -pH -n c1)"',
        register,
        _all_of(_one, arguments.pid),
    ),
    Command(
        ("wait",),
        "wait until an instance is ready",
        "It says so by itself, such as with devlxd ready.  With --timeout, code 6 says "
        "that the time is over.",
        "devlxdctl wait c1 --ready --timeout 60",
        wait,
        _all_of(_one, arguments.ready),
    ),
)
"""What can be done with instances."""

PROFILES = _whole(
    PROFILE,
    ("profile",),
    "web",
    Command(
        ("profile", "list"),
        "list profiles",
        "A table that fits the terminal, or 80 columns.",
        "devlxdctl profile list",
        list_profiles,
        arguments.listing,
    ),
    Command(
        ("profile", "create"),
        "make a profile",
        "Prints nothing.",
        "devlxdctl profile create web --config user.role=web",
        create_profile,
        _all_of(arguments.new_name, arguments.description),
    ),
)
"""What can be done with profiles."""
