"""
``metadata.yaml``: what an image says of itself, in a tar archive.

What Python cannot unpack (zstd, squashfs) is not looked into.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import tarfile
import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, BinaryIO

import yaml
from attrs import Factory, define, field, frozen

from devlxd.errors import BadRequest
from devlxd.model.image import NEVER
from devlxd.model.instance import InstanceType

__all__ = ["Metadata", "can_be_read", "read_metadata"]

_OPENERS: dict[str, Callable[[BinaryIO], Any]] = {
    ".tar.gz": lambda file: gzip.GzipFile(fileobj=file),
    ".tar.bz2": bz2.BZ2File,
    ".tar.xz": lzma.LZMAFile,
    ".tar.lzma": lzma.LZMAFile,
}

_SEALED = (".tar.zst", ".squashfs")

_MOST = 16 << 30
"""So many unpacked bytes are looked through, whatever the file expands to."""

_AT_ONCE = 1024 * 1024
"""Bytes of a document, or of a head in the archive."""

_DOCUMENT = "metadata.yaml"

_ARCHITECTURES = {
    "amd64": "x86_64",
    "arm64": "aarch64",
    "armel": "armv7l",
    "armhf": "armv7l",
    "i386": "i686",
    "powerpc": "ppc",
    "powerpc64": "ppc64",
    "ppc64el": "ppc64le",
    "riscv": "riscv64",
}
"""Other words that images have for what the kernel calls so."""


@frozen
class Metadata:
    """
    What an image says of itself.

    :ivar type: of what instances it is, if its root file system is in the archive, too.
    """

    architecture: str
    created: datetime = NEVER
    expires: datetime = NEVER
    properties: Mapping[str, str] = field(default=Factory(dict))
    type: InstanceType | None = None


def can_be_read(extension: str) -> bool:
    """Whether a file of this kind can be looked into."""
    return extension not in _SEALED


def read_metadata(file: BinaryIO, extension: str) -> Metadata:
    """
    What an archive says.  This may take minutes.

    :raises BadRequest: when it says nothing, or what it says makes no sense.
    """
    try:
        unpacked: Any = _Bounded(_OPENERS.get(extension, _plain)(file))
        with tarfile.open(fileobj=unpacked, mode="r:") as tar:
            document, kind = _found(tar)
    except (tarfile.TarError, lzma.LZMAError, zlib.error, EOFError, OSError) as error:
        raise BadRequest(f"The image cannot be unpacked: {error}") from None
    if document is None:
        raise BadRequest("Metadata tarball is missing metadata.yaml")
    return _described(document, kind)


@define
class _Bounded:
    """A file of which only so much is read, forwards, and little at a time."""

    _file: Any
    _left: int = _MOST

    def read(self, size: int) -> bytes:
        if size > _AT_ONCE:
            raise tarfile.ReadError("a head in it is too large")
        data: bytes = self._file.read(size)
        return data

    def seek(self, place: int) -> None:
        if place > self._left:
            raise tarfile.ReadError(f"there are no metadata in its first {_MOST} bytes")
        self._file.seek(place)

    def tell(self) -> int:
        place: int = self._file.tell()
        return place


def _plain(file: BinaryIO) -> BinaryIO:
    return file


def _found(tar: Any) -> tuple[bytes | None, InstanceType | None]:
    """The document, and what the root file system beside it is for."""
    document, kind = None, None
    while (member := tar.next()) is not None:
        # It keeps all that it has seen.
        tar.members.clear()
        name = member.name.removeprefix("./")
        if name == _DOCUMENT and document is None:
            document = _content(tar, member)
        elif name == "rootfs.img":
            kind = InstanceType.VIRTUAL_MACHINE
        elif name == "rootfs" or name.startswith("rootfs/"):
            kind = InstanceType.CONTAINER
        if document is not None and kind is not None:
            break
    return document, kind


def _content(tar: Any, member: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(member) if member.isfile() else None
    if file is None or member.size > _AT_ONCE:
        raise BadRequest(f"{_DOCUMENT} is no file, or too large")
    content: bytes = file.read()
    return content


def _described(document: bytes, kind: InstanceType | None) -> Metadata:
    try:
        # Every scalar is a text so, as it is for LXD: 22.04 is no number.
        found: Any = yaml.load(document, Loader=yaml.BaseLoader)  # noqa: S506
    except (yaml.YAMLError, RecursionError, UnicodeDecodeError):
        raise BadRequest(f"{_DOCUMENT} is no YAML") from None
    if not isinstance(found, dict) or not isinstance(found.get("architecture"), str):
        raise BadRequest(f"{_DOCUMENT} says no architecture")
    architecture: str = found["architecture"]
    return Metadata(
        _ARCHITECTURES.get(architecture, architecture),
        _moment(found, "creation_date"),
        _moment(found, "expiry_date"),
        _properties(found.get("properties")),
        kind,
    )


def _moment(found: Mapping[str, object], key: str) -> datetime:
    seconds = found.get(key) or "0"
    try:
        number = int(str(seconds))
        return datetime.fromtimestamp(number, UTC) if number else NEVER
    except (OSError, OverflowError, ValueError):
        raise BadRequest(f"{_DOCUMENT}: {key} is no time") from None


def _properties(found: object) -> dict[str, str]:
    if not found:
        return {}
    if not isinstance(found, dict) or not all(
        isinstance(text, str) for pair in found.items() for text in pair
    ):
        raise BadRequest(f"{_DOCUMENT}: properties are no texts")
    return found
