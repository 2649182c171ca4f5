"""An image on its way in."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, BinaryIO, Protocol, TypeVar

from attrs import define, field
from twisted.internet.defer import Deferred, fail
from twisted.logger import Logger
from zope.interface import implementer

from devlxd.errors import InvalidData, StoreFailure, TooLarge
from devlxd.interfaces import IUpload
from devlxd.model.image import Content, Image
from devlxd.stores.backend import Run
from devlxd.stores.imagefiles import ImageFiles
from devlxd.stores.incoming import Incoming

__all__ = ["Add", "Upload", "not_saved"]

T = TypeVar("T")


def not_saved(error: OSError) -> StoreFailure:
    """What is told of an error of the disk."""
    return StoreFailure(f"Failed saving the image: {error.strerror or error}")


class Add(Protocol):
    """Makes an image of files."""

    def __call__(
        self, image: Image, place: Callable[[], None], /
    ) -> Coroutine[Deferred[Any], Any, Image]:
        """
        :param place: puts the files, which are on the disk, in their place; it blocks.
        """


@implementer(IUpload)
@define(eq=False)
class Upload:
    """
    Files in a directory of their own, until they are an image.

    :ivar project: for which it comes.
    :ivar most: how many bytes it may have.
    :ivar ended: called once, when it is kept or given up.
    """

    _log = Logger()

    _project: str
    _most: int
    _incoming: Incoming
    _files: ImageFiles
    _run: Run
    _add: Add
    _ended: Callable[[Upload], object]
    _size: int = field(init=False, default=0)
    _over: bool = field(init=False, default=False)

    @property
    def content(self) -> Content:
        """What has come so far."""
        return self._incoming.content

    def write(self, data: bytes, rootfs: bool = False) -> Deferred[None]:
        self._size += len(data)
        if self._size > self._most:
            return fail(TooLarge(f"An image may have {self._most} bytes at the most"))
        return self._blocking(partial(self._incoming.write, data, rootfs))

    def read(self, reader: Callable[[BinaryIO], T]) -> Deferred[T]:
        def work() -> T:
            with self._incoming.metadata.open("rb") as file:
                return reader(file)

        return self._run(work)

    def keep(self, image: Image) -> Deferred[Image]:
        return Deferred.fromCoroutine(self._keep(image))

    def abort(self) -> Deferred[None]:
        return Deferred.fromCoroutine(self._abort())

    async def _keep(self, image: Image) -> Image:
        try:
            self._check(image)
            place = partial(self._files.place, self._incoming.directory, image.name)
            await self._blocking(self._incoming.sync)
            kept = await self._add(image, place)
        except BaseException:
            await self._abort()
            raise
        self._end()
        return kept

    def _check(self, image: Image) -> None:
        told = Content(image.fingerprint, image.metadata, image.rootfs)
        if (image.project, told) != (self._project, self.content):
            raise InvalidData("This is not the image that came in")

    async def _abort(self) -> None:
        if self._over:
            return
        self._end()
        try:
            await self._run(partial(self._files.discard, self._incoming.directory))
        except OSError:
            # The next start removes it.
            self._log.failure("What came of an image could not be removed")

    def _end(self) -> None:
        self._over = True
        self._incoming.close()
        self._ended(self)

    def _blocking(self, work: Callable[[], None]) -> Deferred[None]:
        return self._run(partial(_saving, work))


def _saving(work: Callable[[], None]) -> None:
    try:
        work()
    except OSError as error:
        raise not_saved(error) from error
