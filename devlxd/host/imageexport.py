"""The files of an image, as they are sent."""

from __future__ import annotations

from devlxd.interfaces import IImages
from devlxd.model.image import Image
from devlxd.model.instance import InstanceType
from devlxd.web.replies import File, Form

__all__ = ["exported"]

_ROOT_FIELD = {
    InstanceType.CONTAINER: "rootfs",
    InstanceType.VIRTUAL_MACHINE: "rootfs.img",
}


def exported(images: IImages, image: Image) -> File | Form:
    """
    The file of an image, or a form of its two files, in LXD's names.

    :raises NoSuchImage: when it was deleted.
    """
    metadata, *rootfs = images.open(image)
    name = f"{image.fingerprint}{image.metadata.extension}"
    if image.rootfs is None:
        return File(metadata, name)
    (root,) = rootfs
    return Form(
        {
            "metadata": File(metadata, f"meta-{name}"),
            _ROOT_FIELD[image.type]: File(
                root, f"{image.fingerprint}{image.rootfs.extension}"
            ),
        }
    )
