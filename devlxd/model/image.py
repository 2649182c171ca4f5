"""Images: what an instance is made from, as the host publishes it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from attrs import field, frozen

from devlxd.errors import InvalidData
from devlxd.model.instance import EPOCH, InstanceType, frozen_config
from devlxd.model.validation import check_text

_FINGERPRINT = re.compile(r"[0-9a-f]{64}")

NEVER = datetime.fromisoformat("0001-01-01T00:00:00+00:00")
"""Go's zero time: what LXD writes for a date that nobody set."""


@frozen
class Part:
    """
    One file of an image.

    :ivar size: in bytes.
    :ivar extension: from its first bytes: ``.tar.xz``, or nothing if they tell nothing.
    """

    size: int
    extension: str = ""


@frozen
class Image:
    """
    An image in a project.

    :ivar fingerprint: the SHA-256 of the metadata file and the root file system behind
        it, as 64 lower-case digits.
    :ivar metadata: the whole image if that is one file (unified), or its metadata.
    :ivar rootfs: the root file system of an image in two files (split).
    :ivar filename: what the uploader called it.
    :ivar created: when it was built, in UTC, if its metadata says so.
    :ivar uploaded: when it came here, in UTC.
    :raises InvalidData: on contents that LXD would refuse.
    """

    project: str
    fingerprint: str
    metadata: Part
    rootfs: Part | None = None
    type: InstanceType = InstanceType.CONTAINER
    architecture: str = "x86_64"
    public: bool = False
    cached: bool = False
    auto_update: bool = False
    properties: Mapping[str, str] = field(factory=dict, converter=frozen_config)
    filename: str = ""
    created: datetime = NEVER
    expires: datetime = NEVER
    uploaded: datetime = EPOCH
    last_used: datetime = NEVER

    def __attrs_post_init__(self) -> None:
        if _FINGERPRINT.fullmatch(self.fingerprint) is None:
            raise InvalidData(f"Invalid fingerprint {self.fingerprint!r}")
        for text in (self.architecture, self.filename):
            check_text(text)

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return self.metadata.size + (self.rootfs.size if self.rootfs else 0)
