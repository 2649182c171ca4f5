"""The files of an image, as they are sent."""

from __future__ import annotations

from devlxd.interfaces import IImages
from devlxd.model.image import Image
from devlxd.web.replies import File, Form, of_streams

__all__ = ["exported"]


def exported(images: IImages, image: Image) -> File | Form:
    """
    The file of an image, or a form of its two files, in LXD's names.

    :raises NoSuchImage: when it was deleted.
    """
    return of_streams(image.files, images.open(image))
