"""
The files of images, in a directory.

An image is a directory in it, ``PROJECT_FINGERPRINT``, with the file ``metadata`` and,
if it has two files, ``rootfs``.  It comes into being in a directory ``incoming-...``,
which is renamed when all of it is on the disk; a directory ``gone-...`` is being
removed.  So there never is half an image, and what a crash leaves is known by its name.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from attrs import frozen

from devlxd.errors import NoSuchImage
from devlxd.model.image import Image
from devlxd.model.names import ImageName

__all__ = ["METADATA", "ROOTFS", "ImageFiles", "sync"]

METADATA = "metadata"
ROOTFS = "rootfs"

_INCOMING = "incoming-"
_GONE = "gone-"
_OURS = re.compile(rf"({_INCOMING}|{_GONE}).*|[A-Za-z0-9.-]+_[0-9a-f]{{64}}")


def sync(path: Path) -> None:
    """Have a file or directory on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@frozen
class ImageFiles:
    """
    The directory of all images.  Every method may raise `OSError`, and may block.

    :ivar path: where it is; nobody else puts anything there.
    """

    path: Path

    def prepare(self, kept: Iterable[ImageName]) -> int:
        """
        Make the directory, if there is none, and remove what no image is in.

        :param kept: the images that there are.
        :return: how many leftovers there were.
        """
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        known = {self._place(name).name for name in kept}
        left = [
            entry
            for entry in self.path.iterdir()
            if _OURS.fullmatch(entry.name) and entry.name not in known
        ]
        for entry in left:
            shutil.rmtree(entry)
        return len(left)

    def has(self, name: ImageName) -> bool:
        """Whether an image is here."""
        return self._place(name).is_dir()

    def incoming(self) -> Path:
        """A new directory for the files of an image."""
        return Path(tempfile.mkdtemp(prefix=_INCOMING, dir=self.path))

    def place(self, incoming: Path, name: ImageName) -> None:
        """Make a directory with files, which are on the disk, an image's."""
        sync(incoming)
        incoming.rename(self._place(name))
        sync(self.path)

    def remove(self, name: ImageName) -> None:
        """Remove an image's files; it is no image any more from the start."""
        gone = tempfile.mkdtemp(prefix=_GONE, dir=self.path)
        self._place(name).rename(gone)
        self.discard(Path(gone))

    def discard(self, directory: Path) -> None:
        """Remove a directory that is no image."""
        shutil.rmtree(directory)

    def open(self, image: Image) -> tuple[BinaryIO, ...]:
        """
        The files of an image.

        :raises NoSuchImage: when they are not there.
        """
        names = (METADATA,) if image.rootfs is None else (METADATA, ROOTFS)
        with ExitStack() as opened:
            try:
                files = [
                    opened.enter_context((self._place(image.name) / name).open("rb"))
                    for name in names
                ]
            except FileNotFoundError:
                raise NoSuchImage from None
            opened.pop_all()
        return tuple(files)

    def _place(self, name: ImageName) -> Path:
        # No project has an underscore in its name.
        return self.path / f"{name.project}_{name.name}"
