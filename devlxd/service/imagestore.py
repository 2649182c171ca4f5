"""The directory of images, in order before anybody asks for one."""

from __future__ import annotations

from attrs import define
from twisted.application.service import Service

from devlxd.errors import CannotStart
from devlxd.service.reason import reason
from devlxd.stores.imagedirectory import ImageDirectory

__all__ = ["ImageStore"]


@define(eq=False)
class ImageStore(Service):
    """Removes from the directory of images what a crash has left; the store is open."""

    images: ImageDirectory

    def startService(self) -> None:
        """
        Make the directory, or put it in order.

        :raises CannotStart: when it cannot be used.
        """
        try:
            self.images.prepare()
        except OSError as error:
            raise CannotStart(reason(error)) from error
        super().startService()
