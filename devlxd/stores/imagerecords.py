"""What a store knows of images, without their files."""

from __future__ import annotations

from collections.abc import Callable

from attrs import define
from twisted.internet.defer import Deferred

from devlxd.errors import NoSuchImage
from devlxd.model.change import ImageChange
from devlxd.model.image import Image
from devlxd.model.names import ImageName
from devlxd.stores.observers import Observers
from devlxd.stores.transaction import Transact
from devlxd.stores.view import View


@define(eq=False)
class ImageRecords:
    """The records of images; the methods are those of `devlxd.interfaces.IImages`."""

    _view: View
    _transact: Transact
    _observers: Observers[ImageChange]

    def get(self, name: ImageName) -> Image:
        """
        :raises NoSuchImage: when there is none.
        """
        found = self._view.image(name)
        if found is None:
            raise NoSuchImage
        return found

    def has(self, name: ImageName) -> bool:
        """Whether there is one."""
        return self._view.image(name) is not None

    def all(self) -> list[Image]:
        """Every image, ordered by project and fingerprint."""
        return self._view.images()

    def create(self, image: Image) -> Deferred[Image]:
        """Note a new one."""
        return self._transact(lambda draft: draft.images.create(image))

    def update(
        self, name: ImageName, rule: Callable[[Image], Image]
    ) -> Deferred[Image]:
        """Change one by a rule."""
        return self._transact(lambda draft: draft.images.update(name, rule))

    def delete(self, name: ImageName) -> Deferred[None]:
        """Forget one, and its aliases."""
        return self._transact(lambda draft: draft.images.delete(name))

    def observe(self, observer: Callable[[ImageChange], object]) -> Callable[[], None]:
        """Hear of every later change."""
        return self._observers.add(observer)
