"""Images in a directory, and what is known of them in a store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import BinaryIO

from attrs import Factory, define, field, frozen
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from zope.interface import implementer

from devlxd.errors import (
    BadRequest,
    ImageExists,
    InvalidData,
    NoSuchImage,
    Refusal,
    TooLarge,
)
from devlxd.interfaces import IImages
from devlxd.model.change import ImageChange
from devlxd.model.image import Image
from devlxd.model.names import ImageName
from devlxd.stores.backend import Run
from devlxd.stores.imagefiles import ImageFiles
from devlxd.stores.imagerecords import ImageRecords
from devlxd.stores.incoming import Incoming
from devlxd.stores.upload import Upload, not_saved

__all__ = ["ImageDirectory", "ImageLimits"]


@frozen
class ImageLimits:
    """
    How much there may be.

    :ivar size: bytes of one image.
    :ivar number: images of all projects together, those on their way included.
    """

    size: int = 16 << 30
    number: int = 1000


@implementer(IImages)
@define(eq=False)
class ImageDirectory:
    """
    Files first, then the record; and the other way round when an image goes.  What is
    between the two when the machine stops is removed by `open`.

    :ivar run: does blocking work, in any order.
    """

    _log = Logger()

    _records: ImageRecords
    _files: ImageFiles
    _run: Run
    _limits: ImageLimits = field(factory=ImageLimits)
    # Those whose files and records do not agree at this moment.
    _busy: set[ImageName] = field(init=False, default=Factory(set))
    _uploads: set[Upload] = field(init=False, default=Factory(set))

    def prepare(self) -> None:
        """
        Remove what a crash has left.  The store is open, and nothing was asked of the
        images before.

        :raises OSError: when the directory cannot be used.
        """
        names = [image.name for image in self._records.all()]
        if left := self._files.prepare(names):
            self._log.info("{left} unfinished images removed", left=left)
        for name in names:
            if not self._files.has(name):
                self._log.warn("The files of image {name} are gone", name=str(name))

    def get(self, project: str, fingerprint: str) -> Image:
        try:
            return self._records.get(ImageName(project, fingerprint))
        except InvalidData:
            raise NoSuchImage from None

    def all(self) -> Iterable[Image]:
        return self._records.all()

    def open(self, image: Image) -> tuple[BinaryIO, ...]:
        return self._files.open(image)

    def begin(self, project: str, size: int | None = None) -> Upload:
        if size is not None and size > self._limits.size:
            raise TooLarge(f"An image may have {self._limits.size} bytes at the most")
        if len(self._records.all()) + len(self._uploads) >= self._limits.number:
            raise BadRequest(f"There may be {self._limits.number} images at the most")
        try:
            incoming = Incoming(self._files.incoming())
        except OSError as error:
            raise not_saved(error) from error
        upload = Upload(
            project,
            self._limits.size,
            incoming,
            self._files,
            self._run,
            self._add,
            self._uploads.discard,
        )
        self._uploads.add(upload)
        return upload

    def update(
        self, name: ImageName, rule: Callable[[Image], Image]
    ) -> Deferred[Image]:
        return self._records.update(name, rule)

    def delete(self, name: ImageName) -> Deferred[None]:
        return Deferred.fromCoroutine(self._delete(name))

    def observe(self, observer: Callable[[ImageChange], object]) -> Callable[[], None]:
        return self._records.observe(observer)

    async def _add(self, image: Image, place: Callable[[], None]) -> Image:
        name = image.name
        with self._claimed(name, ImageExists):
            if self._records.has(name):
                raise ImageExists
            try:
                await self._run(place)
            except OSError as error:
                raise not_saved(error) from error
            try:
                return await self._records.create(image)
            except BaseException:
                await self._remove(name)
                raise

    async def _delete(self, name: ImageName) -> None:
        self._records.get(name)
        with self._claimed(name, NoSuchImage):
            await self._records.delete(name)
            await self._remove(name)

    async def _remove(self, name: ImageName) -> None:
        try:
            await self._run(partial(self._files.remove, name))
        except OSError:
            # The next start removes it.
            self._log.failure("The files of {name} could not be removed", name=name)

    @contextmanager
    def _claimed(self, name: ImageName, refusal: type[Refusal]) -> Iterator[None]:
        """
        Nobody else adds or removes an image of this name meanwhile.

        :param refusal: what is raised when somebody is at it.
        """
        if name in self._busy:
            raise refusal
        self._busy.add(name)
        try:
            yield
        finally:
            self._busy.discard(name)
