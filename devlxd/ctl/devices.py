"""The commands on devices that instances and profiles have in common."""

from __future__ import annotations

from argparse import Namespace
from functools import partial

from devlxd.client.command import Command
from devlxd.client.show import setting_lines
from devlxd.ctl import arguments
from devlxd.ctl.desk import Desk
from devlxd.ctl.host import HostClient
from devlxd.ctl.settings import Words, updated, values
from devlxd.ctl.things import Content, Kind
from devlxd.errors import Conflict, NotFound

__all__ = ["device_commands_of"]


async def device_list(
    kind: Kind, client: HostClient, options: Namespace, desk: Desk
) -> None:
    """``device list NAME``"""
    devices = (await client.get(kind, options.name)).devices(options.expanded)
    rows = [
        (name, device.get("type", ""), ", ".join(_without_type(device)))
        for name, device in sorted(devices.items())
    ]
    desk.table(devices, ("NAME", "TYPE", "KEYS"), rows)


def _without_type(device: dict[str, str]) -> list[str]:
    return list(setting_lines({k: v for k, v in device.items() if k != "type"}))


async def device_add(
    kind: Kind, client: HostClient, options: Namespace, desk: Desk
) -> None:
    """``device add NAME DEVICE TYPE [KEY=VALUE ...]``"""
    device = updated({"type": options.type}, values(options, desk))

    def rule(content: Content) -> Content:
        if options.key in content["devices"]:
            raise Conflict("it is there already")
        return {**content, "devices": {**content["devices"], options.key: device}}

    await client.update(kind, options.name, rule)


async def device_set(
    kind: Kind, client: HostClient, options: Namespace, desk: Desk
) -> None:
    """``device set NAME DEVICE KEY=VALUE ...``"""
    changes = values(options, desk)

    def rule(content: Content) -> Content:
        device = updated(_device(content, options.key), changes)
        return {**content, "devices": {**content["devices"], options.key: device}}

    await client.update(kind, options.name, rule)


async def device_remove(
    kind: Kind, client: HostClient, options: Namespace, desk: Desk
) -> None:
    """``device remove NAME DEVICE ...``"""

    def rule(content: Content) -> Content:
        left = dict(content["devices"])
        for name in options.keys:
            # A refusal is told with the name that it is about.
            options.key = name
            _device(content, name)
            left.pop(name, None)
        return {**content, "devices": left}

    await client.update(kind, options.name, rule)


def _device(content: Content, name: str) -> dict[str, str]:
    try:
        found: dict[str, str] = content["devices"][name]
    except KeyError:
        raise NotFound("it has no such device of its own") from None
    return found


def device_commands_of(
    kind: Kind, prefix: Words, example: str
) -> tuple[Command[HostClient, Desk], ...]:
    """
    The commands on devices of a kind.

    :param prefix: the words before those of each.
    :param example: the name of one.
    """
    word, called = kind.word, " ".join(("devlxdctl", *prefix))
    a = "an" if word == "instance" else "a"
    one, device = arguments.existing(kind), arguments.device
    more, all_of = arguments.expanded(kind), arguments.all_of
    return (
        Command(
            (*prefix, "device", "list"),
            f"list the devices of {a} {word}",
            "A line each, with their keys.",
            f"{called} device list {example}",
            partial(device_list, kind),
            all_of(one, more),
        ),
        Command(
            (*prefix, "device", "add"),
            "add a device",
            "A device of this name must not be there.",
            f"{called} device add {example} eth1 nic network=lxdbr0",
            partial(device_add, kind),
            all_of(one, device, arguments.device_type, arguments.some_pairs),
        ),
        Command(
            (*prefix, "device", "set"),
            "give keys of a device other values",
            "The device must be its own, not one that comes from a profile.",
            f"{called} device set {example} eth1 mtu=9000",
            partial(device_set, kind),
            all_of(one, device, arguments.pairs),
        ),
        Command(
            (*prefix, "device", "remove"),
            "remove devices",
            "All of them, or none if one is not there.",
            f"{called} device remove {example} eth1",
            partial(device_remove, kind),
            all_of(one, arguments.devices),
        ),
    )
