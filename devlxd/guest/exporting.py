"""Which images guests may fetch, where LXD's releases, and Incus, differ."""

from __future__ import annotations

from attrs import frozen

from devlxd.errors import NotFound
from devlxd.interfaces import IImages
from devlxd.model.image import Image
from devlxd.model.instance import Config
from devlxd.model.names import DEFAULT_PROJECT
from devlxd.model.validation import is_true
from devlxd.web import gojson


@frozen
class Exporting:
    """
    The rules of one server.

    :ivar switch: the key by which an instance is allowed to have images.
    :ivar is_plain: whether an instance that is not is refused as everywhere else, and
        not in the form of the operators' API.
    :ivar takes_beginnings: whether the beginning of a fingerprint will do, in letters
        of any case.
    :ivar missing: what is told of an image that is not to be had; ``%s`` in it is the
        fingerprint that was asked for.
    :ivar elsewhere: what is told, whether that is there or not, of any image in another
        project than ``default``.
    """

    switch: str = "security.devlxd.images"
    is_plain: bool = False
    takes_beginnings: bool = False
    missing: str = NotFound.default
    elsewhere: str = NotFound.default

    def is_allowed(self, config: Config) -> bool:
        """
        Whether an instance may have images at all.

        :param config: the expanded config.
        """
        return is_true(config.get(self.switch))

    def chosen(self, images: IImages, project: str, fingerprint: str) -> Image:
        """
        The image that is asked for, if guests may have it: it is public or cached, and
        in the project ``default``.

        :param project: the one that is asked for; empty for none.
        :raises NotFound: when it is not to be had, be it there or not.
        """
        if project not in ("", DEFAULT_PROJECT):
            raise NotFound(self.elsewhere)
        image = self._found(images, fingerprint)
        if image is None or not (image.public or image.cached):
            raise self.refusal(fingerprint)
        return image

    def refusal(self, fingerprint: str) -> NotFound:
        """What is told when an image is not to be had."""
        return NotFound(self.missing.replace("%s", gojson.quote(fingerprint)))

    def _found(self, images: IImages, fingerprint: str) -> Image | None:
        try:
            return images.get(DEFAULT_PROJECT, fingerprint)
        except NotFound:
            if not (self.takes_beginnings and fingerprint):
                return None
        # Of several it would be anybody's guess which one is meant.
        beginning = [
            image
            for image in images.all()
            if image.project == DEFAULT_PROJECT
            and image.fingerprint.startswith(fingerprint.lower())
        ]
        return beginning[0] if len(beginning) == 1 else None
