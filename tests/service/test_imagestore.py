"""Tests of the directory of images as a part of the service."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from devlxd.errors import CannotStart
from devlxd.service.imagestore import ImageStore
from devlxd.stores.imagedirectory import ImageDirectory
from devlxd.stores.imagefiles import ImageFiles
from devlxd.stores.memory import Memory
from devlxd.stores.store import Store, inline
from tests.service.places import directory


class ImageStoreTests(SynchronousTestCase):
    """What happens at the start."""

    def setUp(self) -> None:
        """Have a place for images, and no images."""
        self.path = directory(self) / "images"
        store = Store(Memory(), lambda: "uuid")
        files = ImageFiles(self.path)
        self.service = ImageStore(ImageDirectory(store.images, files, inline))

    def test_leftovers(self) -> None:
        """The directory is made, and what belongs to no image is removed."""
        left = self.path / "incoming-x"
        left.mkdir(parents=True)
        self.service.startService()
        self.assertTrue(self.service.running)
        self.assertEqual(list(self.path.iterdir()), [])

    def test_unusable(self) -> None:
        """A directory that cannot be used keeps the service from starting."""
        self.path.write_text("")
        with self.assertRaises(CannotStart) as caught:
            self.service.startService()
        self.assertEqual(str(caught.exception), f"{self.path}: File exists")
