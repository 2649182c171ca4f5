"""The commands on images and their aliases."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path
from secrets import token_hex
from typing import NoReturn

from twisted.internet.defer import Deferred

from devlxd.client.command import Command
from devlxd.client.escapes import printable
from devlxd.client.failures import TimedOut
from devlxd.client.output import Unwritable
from devlxd.client.program import Unable
from devlxd.client.progress import amount
from devlxd.ctl import arguments
from devlxd.ctl.desk import Desk
from devlxd.ctl.host import HostClient
from devlxd.ctl.hostimages import HostImages, ImageTold
from devlxd.ctl.waiting import retries
from devlxd.ctl.yamltext import dumped

__all__ = ["IMAGES"]

_WAIT = 30.0
"""Seconds for which a service that goes away in the middle is waited for."""


async def list_images(client: HostClient, options: Namespace, desk: Desk) -> None:
    """``image list``"""
    found = await HostImages(client).all(options.all_projects)
    if options.names:
        desk.output.names([image.called for image in found])
        return
    head = ("NAME", "FINGERPRINT", "TYPE", "SIZE", "PUBLIC", "DESCRIPTION")
    desk.table([image.document for image in found], head, map(_row, found))


def _row(image: ImageTold) -> list[str]:
    return [
        ", ".join(image.aliases),
        image.fingerprint[:12],
        image.type,
        amount(image.size),
        "yes" if image.public else "no",
        image.properties.get("description", ""),
    ]


async def show(client: HostClient, options: Namespace, desk: Desk) -> None:
    """``image show IMAGE``"""
    image = await HostImages(client).get(options.name)
    desk.output.show(image.document, dumped(image.document).splitlines())


async def import_(client: HostClient, options: Namespace, desk: Desk) -> None:
    """``image import FILE [ROOTFS]``"""
    images = HostImages(client)
    for alias in options.aliases:
        # What takes long is not begun in vain.
        await images.check_free(alias)
    sending = Deferred.fromCoroutine(_sent(images, options, desk))
    if desk.patience is not None:

        def late(_: object, timeout: float) -> NoReturn:
            raise TimedOut(client.exchange.where, f"{timeout:g}")

        sending.addTimeout(desk.patience, desk.reactor, late)
    fingerprint = await sending
    for alias in options.aliases:
        await images.create_alias(alias, fingerprint, "")
    desk.output.show({"fingerprint": fingerprint}, [fingerprint])


async def _sent(images: HostImages, options: Namespace, desk: Desk) -> str:
    files = [Path(name) for name in (options.file, options.rootfs) if name is not None]
    try:
        return await images.send(
            files, desk.progress, token_hex(16), dict(options.pairs), options.public
        )
    except OSError as error:
        raise Unable(f"cannot read {error.filename}: {error.strerror}") from error


async def export(client: HostClient, options: Namespace, desk: Desk) -> None:
    """``image export IMAGE [FILE]``"""
    again = retries(desk, _WAIT)
    try:
        image = await HostImages(client).export(
            options.name, Path(options.file), desk.progress, again
        )
    except OSError as error:
        reason = error.strerror or str(error)
        raise Unwritable(f"cannot write {options.file}: {reason}") from error
    files = [os.fspath(file) for file in image.files]
    document = {"fingerprint": image.fingerprint, "size": image.size, "files": files}
    desk.output.show(document, map(printable, files))


async def delete(client: HostClient, options: Namespace, _: Desk) -> None:
    """``image delete IMAGE ...``"""
    for name in options.names:
        # A refusal is told with the name that it is about.
        options.name = name
        await HostImages(client).delete(name)


async def list_aliases(client: HostClient, options: Namespace, desk: Desk) -> None:
    """``image alias list``"""
    found = await HostImages(client).aliases()
    rows = [[alias.name, alias.target[:12], alias.description] for alias in found]
    documents = [alias.document for alias in found]
    desk.table(documents, ("NAME", "FINGERPRINT", "DESCRIPTION"), rows)


async def create_alias(client: HostClient, options: Namespace, _: Desk) -> None:
    """``image alias create ALIAS IMAGE``"""
    images = HostImages(client)
    await images.create_alias(options.name, options.image, options.description)


async def rename_alias(client: HostClient, options: Namespace, _: Desk) -> None:
    """``image alias rename ALIAS NAME``"""
    await HostImages(client).rename_alias(options.name, options.new)


async def delete_alias(client: HostClient, options: Namespace, _: Desk) -> None:
    """``image alias delete ALIAS``"""
    await HostImages(client).delete_alias(options.name)


def _image(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="IMAGE", help="an alias, or a fingerprint")


def _some_images(parser: ArgumentParser) -> None:
    parser.add_argument(
        "names", metavar="IMAGE", nargs="+", help="aliases, or fingerprints"
    )


def _place(parser: ArgumentParser) -> None:
    parser.add_argument(
        "file", metavar="FILE", nargs="?", default=".", help="where it is to be"
    )


def _files(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="the image, or its metadata")
    parser.add_argument(
        "rootfs", metavar="ROOTFS", nargs="?", help="the root file system or disk"
    )
    parser.add_argument(
        "--alias",
        metavar="NAME",
        dest="aliases",
        action="append",
        default=[],
        help="another name of it; may be given several times",
    )
    parser.add_argument("--public", action="store_true", help="let guests fetch it")
    parser.add_argument(
        "--property",
        metavar="KEY=VALUE",
        dest="pairs",
        action="append",
        default=[],
        type=arguments.pair,
        help="what it says of itself; may be given several times",
    )


def _alias(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="ALIAS", help="the other name")


def _target(parser: ArgumentParser) -> None:
    parser.add_argument("image", metavar="IMAGE", help="an alias, or a fingerprint")
    parser.add_argument("--description", metavar="TEXT", default="", help="for people")


_all_of = arguments.all_of

IMAGES: tuple[Command[HostClient, Desk], ...] = (
    Command(
        ("image", "list"),
        "list images",
        "A table that fits the terminal, or 80 columns.",
        "devlxdctl image list",
        list_images,
        arguments.listing,
    ),
    Command(
        ("image", "show"),
        "print what is known of an image, as YAML",
        "Programs take --json.",
        "devlxdctl image show debian/12",
        show,
        _image,
    ),
    Command(
        ("image", "import"),
        "have the host keep an image",
        "One file, or two: metadata and root file system.  Prints the fingerprint.  "
        "It may take as long as it takes, unless --timeout says otherwise.",
        "devlxdctl image import debian.tar.xz --alias debian/12 --public",
        import_,
        _files,
    ),
    Command(
        ("image", "export"),
        "write an image to a file",
        "Or to two, if it has two.  Without FILE, or where that is a directory, they "
        "get their usual names; these are printed.",
        "devlxdctl image export debian/12 /tmp/image.tar.xz",
        export,
        _all_of(_image, _place),
    ),
    Command(
        ("image", "delete"),
        "remove images",
        "Those before one that cannot be removed are gone then.",
        "devlxdctl image delete debian/12",
        delete,
        _some_images,
    ),
    Command(
        ("image", "alias", "list"),
        "list the aliases of images",
        "A table that fits the terminal, or 80 columns.",
        "devlxdctl image alias list",
        list_aliases,
    ),
    Command(
        ("image", "alias", "create"),
        "give an image another name",
        "Prints nothing.",
        "devlxdctl image alias create stable debian/12",
        create_alias,
        _all_of(_alias, _target),
    ),
    Command(
        ("image", "alias", "rename"),
        "give an alias another name",
        "Prints nothing.",
        "devlxdctl image alias rename stable oldstable",
        rename_alias,
        _all_of(_alias, arguments.other_name),
    ),
    Command(
        ("image", "alias", "delete"),
        "remove an alias",
        "The image stays.",
        "devlxdctl image alias delete oldstable",
        delete_alias,
        _alias,
    ),
)
"""What can be done with images."""
