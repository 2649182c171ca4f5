"""The instances file, read."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from attrs import frozen

from devlxd.host.instancesfile import Document, read_manifest
from devlxd.host.yamltree import decoded

__all__ = ["ReadFile"]


@frozen
class ReadFile:
    """
    What was in the instances file when it was read.

    :ivar path: absolute, since a daemon changes its directory.
    :ivar content: the bytes.
    :ivar document: their meaning.
    """

    path: Path
    content: bytes
    document: Document

    @classmethod
    def of(cls, path: Path, content: bytes) -> Self:
        """
        The file with that content.

        :raises BadFile: when it is not what is expected.
        """
        return cls(path, content, read_manifest(decoded(content)))
