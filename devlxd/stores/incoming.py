"""The files of an image that is coming in."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

from attrs import Factory, define, field

from devlxd.model.image import HEAD, Content, Part, extension_of
from devlxd.stores.imagefiles import METADATA, ROOTFS

__all__ = ["Incoming"]


@define(eq=False)
class _File:
    """
    A file that is being written.

    :ivar head: its first bytes.
    """

    _path: Path
    size: int = field(init=False, default=0)
    head: bytes = field(init=False, default=b"")
    _descriptor: int = field(init=False)

    def __attrs_post_init__(self) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        self._descriptor = os.open(self._path, flags, 0o600)

    @property
    def part(self) -> Part:
        """What it is so far."""
        return Part(self.size, extension_of(self.head))

    def write(self, data: bytes) -> None:
        """Add bytes."""
        self.head += data[: HEAD - len(self.head)]
        self.size += len(data)
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]

    def sync(self) -> None:
        """Have it on the disk."""
        os.fsync(self._descriptor)

    def close(self) -> None:
        """Write no more."""
        os.close(self._descriptor)


@define(eq=False)
class Incoming:
    """
    One or two files in a directory, and the digest of both.  Its methods block, and may
    raise `OSError`; any thread may call them, but one at a time.

    :ivar directory: where they are.
    """

    directory: Path
    _files: list[_File] = field(init=False, default=Factory(list))
    _digest: Any = field(init=False, default=Factory(hashlib.sha256))

    def __attrs_post_init__(self) -> None:
        self._files.append(_File(self.metadata))

    @property
    def metadata(self) -> Path:
        """The first file."""
        return self.directory / METADATA

    @property
    def content(self) -> Content:
        """What there is so far."""
        return Content(self._digest.hexdigest(), *(file.part for file in self._files))

    def write(self, data: bytes, rootfs: bool) -> None:
        """Add bytes to the first file, or to the second."""
        if rootfs and len(self._files) == 1:
            self._files.append(_File(self.directory / ROOTFS))
        self._files[-1].write(data)
        self._digest.update(data)

    def sync(self) -> None:
        """Have all of it on the disk."""
        for file in self._files:
            file.sync()

    def close(self) -> None:
        """Write no more."""
        for file in self._files:
            file.close()
