"""Images in a directory: what faults and crashes leave."""

from __future__ import annotations

import resource
from pathlib import Path
from typing import Any

from attrs import evolve
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from devlxd.errors import NoSuchImage, StoreFailure
from devlxd.interfaces import IUpload
from devlxd.model.image import Alias, Image
from devlxd.model.names import AliasName
from devlxd.stores.backend import Contents, StoreUnusable
from devlxd.stores.imagedirectory import ImageDirectory
from devlxd.stores.memory import Memory
from devlxd.stores.store import Store
from tests.stores.imageparts import images_of
from tests.stores.parts import Counting, Held, database, opened, uuids


class ImageDirectoryTests(SynchronousTestCase):
    """`ImageDirectory`, over a backend that can fail."""

    def setUp(self) -> None:
        """Have no image."""
        self.backend = Counting()
        self.path = Path(self.mktemp())
        self.store = Store(self.backend, uuids())
        self.images = images_of(self, self.store, path=self.path)

    def brought(self, data: bytes = b"meta") -> tuple[IUpload, Image]:
        """An upload, and what it is to be."""
        upload = self.images.begin("default")
        self.successResultOf(upload.write(data))
        content = upload.content
        return upload, Image("default", content.fingerprint, content.metadata)

    def kept(self) -> Image:
        """An image."""
        upload, image = self.brought()
        return self.successResultOf(upload.keep(image))

    def files(self) -> list[str]:
        """What is in the directory."""
        return sorted(entry.name for entry in self.path.iterdir())

    def refused(self, done: Deferred[Any]) -> str:
        """The text with which something could not be saved."""
        return str(self.failureResultOf(done, StoreFailure).value)

    def test_private(self) -> None:
        """Nobody else may look into the directory, nor into an image's."""
        image = self.kept()
        self.assertEqual(self.files(), [f"default_{image.fingerprint}"])
        for place in (self.path, self.path / self.files()[0]):
            self.assertEqual(place.stat().st_mode & 0o777, 0o700)

    def test_leftovers(self) -> None:
        """What a crash has left is removed at the start, and nothing else."""
        image = self.kept()
        self.brought()
        (self.path / "gone-x").mkdir()
        (self.path / f"lab_{'0' * 64}").mkdir()
        (self.path / "note").write_text("An operator's")
        self.images.prepare()
        self.assertEqual(self.files(), [f"default_{image.fingerprint}", "note"])

    def test_files_gone(self) -> None:
        """An image whose files somebody has taken away cannot be opened."""
        image = self.kept()
        (self.path / self.files()[0] / "metadata").unlink()
        self.assertRaises(NoSuchImage, self.images.open, image)
        (self.path / self.files()[0]).rmdir()
        self.images.prepare()
        self.assertEqual(list(self.images.all()), [image])
        self.successResultOf(self.images.delete(image.name))
        self.assertEqual(len(self.flushLoggedErrors(FileNotFoundError)), 1)

    def test_half_open(self) -> None:
        """When the second file is not there, the first is not left open."""
        upload, image = self.brought()
        self.successResultOf(upload.keep(image))
        split = evolve(image, rootfs=image.metadata)
        before = len(list(Path("/proc/self/fd").iterdir()))
        self.assertRaises(NoSuchImage, self.images.open, split)
        self.assertEqual(len(list(Path("/proc/self/fd").iterdir())), before)

    def test_no_record(self) -> None:
        """When the record cannot be written, the files go again."""
        upload, image = self.brought()
        self.backend.failure = OSError(28, "No space left on device")
        self.refused(upload.keep(image))
        self.flushLoggedErrors(OSError)
        self.assertEqual(self.files(), [])
        self.backend.failure = None
        self.assertEqual(self.kept(), image)

    def test_disk_full(self) -> None:
        """What cannot be written fails with the system's reason."""
        upload, _ = self.brought()
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (6, hard))
        try:
            text = self.refused(upload.write(b"more"))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        self.assertEqual(text, "Failed saving the image: File too large")
        self.successResultOf(upload.abort())
        self.assertEqual(self.files(), [])

    def test_no_place(self) -> None:
        """Files that cannot be put in their place are no image."""
        upload, image = self.brought()
        (self.path / f"default_{image.fingerprint}" / "x").mkdir(parents=True)
        text = self.refused(upload.keep(image))
        self.assertEqual(text, "Failed saving the image: Directory not empty")
        self.assertEqual(list(self.images.all()), [])

    def test_no_directory(self) -> None:
        """Without a directory nothing can be begun, and nothing be given up."""
        upload, _ = self.brought()
        for place in sorted(self.path.rglob("*"), reverse=True):
            place.unlink() if place.is_file() else place.rmdir()
        self.path.rmdir()
        error = self.assertRaises(StoreFailure, self.images.begin, "default")
        self.assertEqual(
            error.text, "Failed saving the image: No such file or directory"
        )
        self.successResultOf(upload.abort())
        self.assertEqual(len(self.flushLoggedErrors(FileNotFoundError)), 1)

    def test_reopened(self) -> None:
        """Images and aliases are there again when the database is reopened."""
        path = database(self)
        store = opened(self, path)
        images = images_of(self, store, path=self.path)
        upload = images.begin("default")
        self.successResultOf(upload.write(b"meta"))
        content = upload.content
        image = Image("default", content.fingerprint, content.metadata)
        self.successResultOf(upload.keep(image))
        alias = Alias(AliasName("default", "a"), image.fingerprint)
        self.successResultOf(store.aliases.create(alias))
        store.close()
        again = opened(self, path)
        reopened = images_of(self, again, path=self.path)
        self.assertEqual(list(reopened.all()), [image])
        self.assertEqual(list(again.aliases.all()), [alias])
        (file,) = reopened.open(image)
        with file:
            self.assertEqual(file.read(), b"meta")

    def test_astray(self) -> None:
        """An alias without an image in the data is refused."""
        alias = Alias(AliasName("default", "a"), "0" * 64)
        store = Store(Memory(Contents(aliases=(alias,))), uuids())
        error = self.assertRaises(StoreUnusable, store.open)
        self.assertEqual(str(error), "alias default/a: there is no such image")

    def test_deleted_meanwhile(self) -> None:
        """Of two that delete an image at once, the second finds none."""
        image, held = self.kept(), Held()
        self.store.use(held)
        first = self.images.delete(image.name)
        self.failureResultOf(self.images.delete(image.name), NoSuchImage)
        held.release()
        self.successResultOf(first)
        self.assertEqual(self.files(), [])

    def test_kept_meanwhile(self) -> None:
        """What is being put in its place cannot be deleted yet."""
        upload, image = self.brought()
        held = Held()
        self.store.use(held)
        kept = upload.keep(image)
        self.failureResultOf(self.images.delete(image.name), NoSuchImage)
        held.release()
        self.assertEqual(self.successResultOf(kept), image)
        self.assertIsInstance(self.images, ImageDirectory)
