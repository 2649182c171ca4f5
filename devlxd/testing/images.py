"""The contract of `devlxd.interfaces.IImages`."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from contextlib import ExitStack
from functools import partial
from typing import Any, TypeVar

from attrs import evolve, frozen
from twisted.internet.defer import Deferred, DeferredList
from twisted.trial.unittest import TestCase
from zope.interface.verify import verifyObject

from devlxd.errors import (
    BadRequest,
    ImageExists,
    InvalidData,
    NoSuchImage,
    TooLarge,
)
from devlxd.interfaces import (
    IAliases,
    IImageDraft,
    IImages,
    IStore,
    IUpload,
)
from devlxd.model.change import ImageChange
from devlxd.model.image import Alias, Image, Part
from devlxd.model.instance import InstanceType
from devlxd.model.names import AliasName, ImageName

__all__ = [
    "MOST",
    "MOST_BYTES",
    "A",
    "B",
    "ImagesCase",
    "ImagesContract",
    "ImagesSubject",
    "instead",
]

MOST = 3
"""So many images the subject takes."""

MOST_BYTES = 1000
"""So many bytes an image of the subject may have."""

V = TypeVar("V")

A, B = AliasName("default", "a"), AliasName("default", "ubuntu/22.04")


def instead(after: V, before: V) -> V:
    """A rule that gives what there is to be."""
    return after


@frozen
class ImagesSubject:
    """Images without any, of `MOST` images of `MOST_BYTES`, and their store."""

    store: IStore
    images: IImages
    aliases: IAliases


class ImagesCase(TestCase):
    """A test case about images of its own."""

    @abstractmethod
    async def make_subject(self) -> ImagesSubject:
        """New images; what they take is cleaned up by ``addCleanup``."""

    # trial waits for what setUp returns, but its annotation does not say so.
    async def setUp(self) -> None:  # type: ignore[override]
        subject = await self.make_subject()
        self.store = subject.store
        self.images = subject.images
        self.aliases = subject.aliases

    async def fails(self, with_what: type[Exception], done: Deferred[Any]) -> str:
        """Check how something fails, and tell with which text."""
        error = await self.assertFailure(done, with_what)
        return str(error)

    async def brought(
        self, metadata: bytes, rootfs: bytes | None = None, project: str = "default"
    ) -> IUpload:
        """An upload of all that an image has."""
        upload = self.images.begin(project)
        await upload.write(metadata)
        if rootfs is not None:
            await upload.write(rootfs, rootfs=True)
        return upload

    def described(self, upload: IUpload, project: str = "default") -> Image:
        """What is to be known of an upload."""
        content = upload.content
        return Image(project, content.fingerprint, content.metadata, content.rootfs)

    async def kept(
        self, metadata: bytes, rootfs: bytes | None = None, project: str = "default"
    ) -> Image:
        """An image of some content."""
        upload = await self.brought(metadata, rootfs, project)
        return await upload.keep(self.described(upload, project))

    def contents(self, image: Image) -> list[bytes]:
        """What is in an image's files."""
        with ExitStack() as opened:
            files = [opened.enter_context(file) for file in self.images.open(image)]
            return [file.read() for file in files]


class ImagesContract(ImagesCase):
    """What every `IImages` and `IUpload` does."""

    async def test_interface(self) -> None:
        """They provide `IImages` and `IUpload`, and a draft's `IImageDraft`."""
        verifyObject(IImages, self.images)
        upload = self.images.begin("default")
        verifyObject(IUpload, upload)
        await upload.abort()
        done = self.store.transact(lambda d: verifyObject(IImageDraft, d.images))
        self.assertTrue(await done)

    async def test_unified(self) -> None:
        """What came in pieces is one file, known by the digest of all of it."""
        upload = self.images.begin("default")
        for data in (b"BZ", b"", b"h" * 500):
            await upload.write(data)
        whole = b"BZ" + b"h" * 500
        content = upload.content
        self.assertEqual(content.fingerprint, hashlib.sha256(whole).hexdigest())
        self.assertEqual(content.metadata, Part(502, ".tar.bz2"))
        self.assertIsNone(content.rootfs)
        image = self.described(upload)
        self.assertEqual(await upload.keep(image), image)
        self.assertEqual(self.images.get("default", image.fingerprint), image)
        self.assertEqual(self.contents(image), [whole])

    async def test_split(self) -> None:
        """An image of two files is known by the digest of both, one after the other."""
        image = await self.kept(b"meta", b"hsqs root")
        digest = hashlib.sha256(b"metahsqs root").hexdigest()
        self.assertEqual(image.fingerprint, digest)
        self.assertEqual(image.rootfs, Part(9, ".squashfs"))
        self.assertEqual(self.contents(image), [b"meta", b"hsqs root"])

    async def test_read(self) -> None:
        """The first file can be read before it is an image."""
        upload = await self.brought(b"meta", b"root")
        self.assertEqual(await upload.read(lambda file: file.read()), b"meta")
        await self.fails(ZeroDivisionError, upload.read(lambda _: 1 // 0))
        await upload.abort()

    async def test_unseen(self) -> None:
        """Nobody sees an image before it is kept, nor one that was given up."""
        upload = await self.brought(b"meta")
        image = self.described(upload)
        self.assertEqual(list(self.images.all()), [])
        await upload.abort()
        await upload.abort()
        self.assertRaises(NoSuchImage, self.images.get, "default", image.fingerprint)
        self.assertRaises(NoSuchImage, self.images.open, image)

    async def test_unknown(self) -> None:
        """What is no fingerprint of an image of the project fails with
        `NoSuchImage`."""
        image = await self.kept(b"meta")
        for project, fingerprint in (
            ("default", image.fingerprint[:12]),
            ("default", "%"),
            ("default", "0" * 64),
            ("other", image.fingerprint),
        ):
            self.assertRaises(NoSuchImage, self.images.get, project, fingerprint)

    async def test_again(self) -> None:
        """The same image again fails with `ImageExists`, and the first one stays."""
        image = await self.kept(b"meta")
        upload = await self.brought(b"me", b"ta")
        await self.fails(ImageExists, upload.keep(self.described(upload)))
        self.assertEqual(self.contents(image), [b"meta"])

    async def test_record(self) -> None:
        """A draft takes the same image once, too."""
        image = await self.kept(b"meta")
        done = self.store.transact(lambda draft: draft.images.create(image))
        await self.fails(ImageExists, done)

    async def test_at_once(self) -> None:
        """Of two that bring the same image at once, one does."""
        one, other = await self.brought(b"meta"), await self.brought(b"meta")
        image = self.described(one)
        outcomes = await DeferredList(
            [one.keep(image), other.keep(image)], consumeErrors=True
        )
        (error,) = [outcome for kept, outcome in outcomes if not kept]
        self.assertIs(error.type, ImageExists)
        self.assertEqual(self.contents(image), [b"meta"])

    async def test_projects(self) -> None:
        """Projects have images of their own, be they the same."""
        image = await self.kept(b"meta")
        other = await self.kept(b"meta", project="other")
        self.assertEqual(list(self.images.all()), [image, other])
        await self.images.delete(image.name)
        self.assertEqual(self.contents(other), [b"meta"])

    async def test_another(self) -> None:
        """What did not come in cannot be kept, and the upload is over then."""
        for change in (
            {"fingerprint": "0" * 64},
            {"metadata": Part(3)},
            {"rootfs": Part(1)},
            {"project": "other"},
        ):
            upload = await self.brought(b"meta")
            changed: Any = change
            image = evolve(self.described(upload), **changed)
            await self.fails(InvalidData, upload.keep(image))
        self.assertEqual(list(self.images.all()), [])

    async def test_too_large(self) -> None:
        """An image that is too large fails with `TooLarge`, at once if that is
        known."""
        self.assertRaises(TooLarge, self.images.begin, "default", MOST_BYTES + 1)
        upload = self.images.begin("default", MOST_BYTES)
        await upload.write(b"x" * MOST_BYTES)
        await self.fails(TooLarge, upload.write(b"x", rootfs=True))
        await upload.abort()

    async def test_too_many(self) -> None:
        """There are no more images than there may be, those under way included."""
        images = [await self.kept(b"%d" % number) for number in range(MOST - 1)]
        upload = self.images.begin("default")
        self.assertRaises(BadRequest, self.images.begin, "default")
        await upload.abort()
        await self.kept(b"last")
        self.assertRaises(BadRequest, self.images.begin, "default")
        await self.images.delete(images[0].name)
        await self.kept(b"another")

    async def test_update(self) -> None:
        """A rule changes what is known, and nothing that the image consists of."""
        image = await self.kept(b"meta")
        changed = evolve(image, public=True, properties={"os": "Debian"})
        updated = await self.images.update(image.name, lambda _: changed)
        self.assertEqual(updated, changed)
        self.assertEqual(self.images.get("default", image.fingerprint), changed)
        for other in (
            evolve(image, fingerprint="0" * 64),
            evolve(image, metadata=Part(1)),
            evolve(image, rootfs=Part(1)),
            evolve(image, type=InstanceType.VIRTUAL_MACHINE),
        ):
            done = self.images.update(image.name, partial(instead, other))
            await self.fails(InvalidData, done)
        name = ImageName("default", "0" * 64)
        await self.fails(NoSuchImage, self.images.update(name, lambda old: old))

    async def test_delete(self) -> None:
        """A deleted image is gone with its aliases; files that are open stay
        readable."""
        image = await self.kept(b"meta")
        other = await self.kept(b"other")
        await self.aliases.create(Alias(A, image.fingerprint))
        await self.aliases.create(Alias(B, other.fingerprint))
        (file,) = self.images.open(image)
        with file:
            await self.images.delete(image.name)
            self.assertEqual(file.read(), b"meta")
        self.assertRaises(NoSuchImage, self.images.open, image)
        self.assertEqual([alias.name for alias in self.aliases.all()], [B])
        await self.fails(NoSuchImage, self.images.delete(image.name))

    async def test_delete_twice(self) -> None:
        """Of two that delete an image at once, one does."""
        image = await self.kept(b"meta")
        first, second = (self.images.delete(image.name) for _ in range(2))
        await self.fails(NoSuchImage, second)
        await first

    async def test_back(self) -> None:
        """A deleted image can be brought again."""
        image = await self.kept(b"meta")
        await self.images.delete(image.name)
        self.assertEqual(await self.kept(b"meta"), image)
        self.assertEqual(self.contents(image), [b"meta"])

    async def test_observe(self) -> None:
        """Every change is told, in order, with what it was before and is now."""
        heard: list[ImageChange] = []
        stop = self.images.observe(heard.append)
        image = await self.kept(b"meta")
        public = evolve(image, public=True)
        for _ in range(2):
            await self.images.update(image.name, lambda _: public)
        await self.images.delete(image.name)
        expected = [
            ImageChange(image.name, None, image),
            ImageChange(image.name, image, public),
            ImageChange(image.name, public, None),
        ]
        self.assertEqual(heard, expected)
        stop()
        await self.kept(b"meta")
        self.assertEqual(heard, expected)
