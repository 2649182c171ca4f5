"""Images: what an instance is made from, as the host publishes it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from attrs import field, frozen

from devlxd.errors import InvalidData
from devlxd.model.instance import EPOCH, InstanceType, frozen_config
from devlxd.model.names import AliasName, ImageName
from devlxd.model.validation import check_text

NEVER = datetime.fromisoformat("0001-01-01T00:00:00+00:00")
"""Go's zero time: what LXD writes for a date that nobody set."""

_ROOT_FIELDS = {
    InstanceType.CONTAINER: "rootfs",
    InstanceType.VIRTUAL_MACHINE: "rootfs.img",
}


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
        # Whether it has a name at all.
        _ = self.name
        for text in (self.architecture, self.filename, *self.properties.values()):
            check_text(text)
        for key in self.properties:
            if not key or not key.isprintable():
                raise InvalidData(f"Invalid image property {key!r}")

    @property
    def name(self) -> ImageName:
        """What it is known by."""
        return ImageName(self.project, self.fingerprint)

    @property
    def files(self) -> Mapping[str, str]:
        """
        The names that LXD gives to its files where it sends them, each by the name of
        its field in a form.
        """
        name = f"{self.fingerprint}{self.metadata.extension}"
        if self.rootfs is None:
            return {"metadata": name}
        rootfs = f"{self.fingerprint}{self.rootfs.extension}"
        return {"metadata": f"meta-{name}", _ROOT_FIELDS[self.type]: rootfs}

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return self.metadata.size + (self.rootfs.size if self.rootfs else 0)


@frozen
class Alias:
    """
    Another name of an image.

    :ivar target: the fingerprint of the image, which is in the same project.
    :raises InvalidData: on contents that LXD would refuse.
    """

    name: AliasName
    target: str
    description: str = ""

    def __attrs_post_init__(self) -> None:
        _ = self.image
        check_text(self.description)

    @property
    def image(self) -> ImageName:
        """The image."""
        return ImageName(self.name.project, self.target)


@frozen
class Content:
    """
    The files that came in.

    :ivar fingerprint: of all of it.
    :ivar metadata: the only file, or the first of two.
    """

    fingerprint: str
    metadata: Part
    rootfs: Part | None = None


_MAGIC = (
    (0, b"BZ", ".tar.bz2"),
    (0, b"\x1f\x8b", ".tar.gz"),
    (0, b"\xfd7zXZ\0", ".tar.xz"),
    (0, b"\x5d\0\0", ".tar.lzma"),
    (0, b"\x28\xb5\x2f\xfd", ".tar.zst"),
    (0, b"hsqs", ".squashfs"),
    (0, b"QFI\xfb", ".qcow2"),
    (257, b"ustar", ".tar"),
)

HEAD = 512
"""How many bytes `extension_of` looks at."""


def extension_of(head: bytes) -> str:
    """What a file of an image is, told by its first bytes; empty if that is unclear."""
    for place, magic, extension in _MAGIC:
        if head.startswith(magic, place):
            return extension
    return ""
