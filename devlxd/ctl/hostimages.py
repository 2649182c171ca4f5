"""
The host API for Python, as far as it is about images.

An image is named by an alias, or by its fingerprint or the beginning of that.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote, urlencode

from attrs import frozen

from devlxd.client.documents import Malformed, array, mapping, text
from devlxd.client.exchange import Reply
from devlxd.client.export import Exported, export
from devlxd.client.guest import segment
from devlxd.client.outgoing import Outgoing, form_of
from devlxd.client.progress import Progress
from devlxd.client.retrying import Retries
from devlxd.ctl.envelopes import Envelope
from devlxd.ctl.host import HostClient
from devlxd.ctl.things import config, flag, texts
from devlxd.errors import Conflict, NotFound

__all__ = ["AliasTold", "HostImages", "ImageTold"]

IMAGES = "/1.0/images"
ALIASES = "/1.0/images/aliases"

_DISK = b"QFI\xfb"
"""What the disk of a virtual machine begins with."""


@frozen
class ImageTold:
    """
    What a host says of an image.

    :ivar document: all of it.
    :ivar size: bytes.
    """

    document: Mapping[str, Any]
    fingerprint: str
    size: int
    type: str
    public: bool
    aliases: tuple[str, ...]
    properties: Mapping[str, str]

    @property
    def called(self) -> str:
        """What people call it: an alias, or the beginning of its fingerprint."""
        return self.aliases[0] if self.aliases else self.fingerprint[:12]


@frozen
class AliasTold:
    """What a host says of an alias."""

    document: Mapping[str, Any]
    name: str
    target: str
    description: str


def image_of(document: object) -> ImageTold:
    """
    :raises Malformed: when it is of another shape.
    """
    told = mapping(document)
    size = told.get("size")
    if type(size) is not int:
        raise Malformed("size: a number was due")
    named = [mapping(alias).get("name") for alias in array(told.get("aliases") or [])]
    return ImageTold(
        told,
        text(told.get("fingerprint")),
        size,
        text(told.get("type")),
        flag(told.get("public")),
        tuple(texts(named)),
        config(told.get("properties") or {}),
    )


def alias_of(document: object) -> AliasTold:
    """
    :raises Malformed: when it is of another shape.
    """
    told = mapping(document)
    words = (text(told.get(key)) for key in ("name", "target", "description"))
    return AliasTold(told, *words)


@frozen
class HostImages:
    """
    Manages the images of a host; every method may fail as those of `HostClient` do.

    :ivar client: asks the host.
    """

    client: HostClient

    async def all(self, all_projects: bool = False) -> list[ImageTold]:
        """All of the project, or of all."""
        asked = {"recursion": "1"}
        if all_projects:
            asked["all-projects"] = "true"
        path = self.client.path(IMAGES, **asked)
        reply = await self.client.exchange.reply("GET", path)
        return self.client.read("GET", path, reply, _images)

    async def get(self, name: str) -> ImageTold:
        """
        One.

        :raises NotFound: when there is none.
        """
        path = await self._of(name)
        reply = await self.client.exchange.reply("GET", path)
        return self.client.read("GET", path, reply, lambda e: image_of(e.metadata))

    async def send(
        self,
        files: Sequence[Path],
        progress: Progress,
        boundary: str,
        properties: Mapping[str, str] | None = None,
        public: bool = False,
    ) -> str:
        """
        Have the host keep an image.

        :param files: one, or the metadata and the root file system.
        :param boundary: what stands between two files; in none of them.
        :return: its fingerprint.
        :raises Conflict: when it is there already.
        :raises OSError: when the files cannot be read.
        """
        headers = {
            "X-LXD-filename": files[0].name,
            "X-LXD-public": "true" if public else "false",
            "X-LXD-properties": urlencode(properties or {}),
        }
        with ExitStack() as opened:
            streams = [opened.enter_context(file.open("rb")) for file in files]
            parts: Sequence[bytes | BinaryIO] = streams
            headers["Content-Type"] = "application/octet-stream"
            if len(files) > 1:
                parts = form_of(_fields(files, streams), boundary)
                kind = f"multipart/form-data; boundary={boundary}"
                headers["Content-Type"] = kind
            return await self._sent(parts, progress, headers)

    async def export(
        self, name: str, to: Path, progress: Progress, retries: Retries
    ) -> Exported:
        """
        Write an image to a file, or to two.

        :param to: a file, or a directory: as for
            `devlxd.client.guest.GuestClient.export_image`.
        :raises OSError: when it cannot be written.
        """
        fingerprint = (await self.get(name)).fingerprint
        query = self.client.path("")
        exchange = self.client.exchange
        return await export(exchange, fingerprint, to, progress, retries, query)

    async def delete(self, name: str) -> None:
        """Remove one, and its aliases."""
        await self.client.do("DELETE", await self._of(name))

    async def aliases(self) -> list[AliasTold]:
        """The aliases of the project."""
        path = self.client.path(ALIASES, recursion="1")
        reply = await self.client.exchange.reply("GET", path)
        return self.client.read("GET", path, reply, _aliases)

    async def check_free(self, alias: str) -> None:
        """
        :raises Conflict: when an alias is taken.
        """
        try:
            await self.client.exchange.ask("GET", self._alias(alias))
        except NotFound:
            return
        raise Conflict(f"Alias already exists: {alias}")

    async def create_alias(self, alias: str, target: str, description: str) -> None:
        """Give an image another name."""
        fingerprint = (await self.get(target)).fingerprint
        words = {"name": alias, "target": fingerprint, "description": description}
        await self.client.do("POST", self.client.path(ALIASES), words)

    async def rename_alias(self, alias: str, new: str) -> None:
        """Give an alias another name."""
        await self.client.do("POST", self._alias(alias), {"name": new})

    async def delete_alias(self, alias: str) -> None:
        """Remove an alias."""
        await self.client.do("DELETE", self._alias(alias))

    async def _of(self, name: str) -> str:
        """Where an image is."""
        path = self._alias(name)
        try:
            reply = await self.client.exchange.reply("GET", path)
        except NotFound:
            return self.client.path(f"{IMAGES}/{segment(name, 'name')}")
        found = self.client.read("GET", path, reply, lambda e: alias_of(e.metadata))
        return self.client.path(f"{IMAGES}/{segment(found.target)}")

    def _alias(self, name: str) -> str:
        return self.client.path(f"{ALIASES}/{segment(name, 'name')}")

    async def _sent(
        self,
        parts: Sequence[bytes | BinaryIO],
        progress: Progress,
        headers: Mapping[str, str],
    ) -> str:
        length, exchange = sum(map(_size, parts)), self.client.exchange
        path = self.client.path(IMAGES)
        body = Outgoing(exchange.clock, parts, length, progress.advance)
        progress.start(length)
        try:
            answer = await exchange.send("POST", path, body, headers)
        finally:
            progress.end()
        envelope = self.client.read("POST", path, Reply(answer), lambda e: e)
        return _fingerprint(await self.client.done(envelope))


def _images(envelope: Envelope) -> list[ImageTold]:
    return [image_of(document) for document in array(envelope.metadata)]


def _aliases(envelope: Envelope) -> list[AliasTold]:
    return [alias_of(document) for document in array(envelope.metadata)]


def _fingerprint(envelope: Envelope) -> str:
    return text(mapping(envelope.metadata["metadata"]).get("fingerprint"))


def _fields(
    files: Sequence[Path], streams: Sequence[BinaryIO]
) -> list[tuple[str, str, BinaryIO]]:
    """The fields of a form of two files; the second one tells what it is."""
    second = streams[1].read(len(_DISK))
    streams[1].seek(0)
    names = ("metadata", "rootfs.img" if second == _DISK else "rootfs")
    return [
        (name, quote(file.name), stream)
        for name, file, stream in zip(names, files, streams, strict=True)
    ]


def _size(part: bytes | BinaryIO) -> int:
    if isinstance(part, bytes):
        return len(part)
    return os.fstat(part.fileno()).st_size
