"""The roles around images.  Records are read out of memory; files are on the disk."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import BinaryIO, TypeVar

from twisted.internet.defer import Deferred
from zope.interface import Attribute, Interface

from devlxd.model.change import AliasChange, ImageChange
from devlxd.model.image import Alias, Content, Image
from devlxd.model.names import AliasName, ImageName

__all__ = ["IAliases", "IImageDraft", "IImages", "IUpload"]

T = TypeVar("T")


class IImages(Interface):
    """
    The images of all projects.

    Records are read synchronously, out of memory; files are on the disk.
    """

    def get(project: str, fingerprint: str) -> Image:
        """
        :param fingerprint: all of it.
        :raises NoSuchImage: when there is none.
        """

    def all() -> Iterable[Image]:
        """Every image, ordered by project and fingerprint."""

    def open(image: Image) -> tuple[BinaryIO, ...]:
        """
        The files of an image: of a unified one the file, of a split one its metadata
        and its root file system.  They stay readable when the image is deleted; the
        caller closes them.

        :raises NoSuchImage: when it was deleted.
        """

    def begin(project: str, size: int | None = None) -> IUpload:
        """
        Begin to take an image in.  Nobody sees it before `IUpload.keep`.

        :param size: how many bytes will come at the most, if that is known.
        :raises TooLarge: when that is more than an image may have.
        :raises BadRequest: when there are as many images as there may be.
        :raises StoreFailure: when there is no place to put it.
        """

    def update(name: ImageName, rule: Callable[[Image], Image]) -> Deferred[Image]:
        """
        Change what is known of an image by a rule, as `IInstances.update`.

        :return: fires when it is durable; fails with what the rule raised,
            `NoSuchImage`, `InvalidData` when the name, the type or the files changed,
            or `StoreFailure`.
        """

    def delete(name: ImageName) -> Deferred[None]:
        """
        Remove an image, its aliases and its files.

        :return: fires when that is durable; fails with `NoSuchImage` or `StoreFailure`.
        """

    def observe(observer: Callable[[ImageChange], object]) -> Callable[[], None]:
        """Hear of every later change of every image, as `IInstances.observe`."""


class IUpload(Interface):
    """
    An image on its way in.  One method at a time: what a Deferred stands for must have
    happened before the next call.
    """

    content: Content = Attribute("What has come so far.")

    def write(data: bytes, rootfs: bool = False) -> Deferred[None]:
        """
        Add bytes to the image's only file, or to the first of two; or with *rootfs* to
        the second, after which the first is complete.

        :return: fails with `TooLarge` when it is more than an image may have, or with
            `StoreFailure`.
        """

    def read(reader: Callable[[BinaryIO], T]) -> Deferred[T]:
        """
        Have something look at the first file, which is open at its start, in a thread.

        :return: fires with what the reader returned or raised.
        """

    def keep(image: Image) -> Deferred[Image]:
        """
        Make this an image of the project that it was begun for.

        :param image: what is known of it; its fingerprint and its files are those of
            `content`.
        :return: fires when record and files are durable; fails with `ImageExists`,
            `InvalidData` when the image is another, or `StoreFailure`.  Then nothing
            is left of it.
        """

    def abort() -> Deferred[None]:
        """
        Leave nothing of it.  Once it is kept, or after the first time, nothing happens.
        """


class IAliases(Interface):
    """The aliases of images of all projects.  Reading is synchronous."""

    def get(name: AliasName) -> Alias:
        """
        :raises NoSuchAlias: when there is none of this name.
        """

    def all() -> Iterable[Alias]:
        """Every alias, ordered by project and name."""

    def create(alias: Alias) -> Deferred[Alias]:
        """
        :return: fires when it is durable; fails with `AliasExists`, with `NoSuchImage`
            when there is no such image, or `StoreFailure`.
        """

    def update(name: AliasName, rule: Callable[[Alias], Alias]) -> Deferred[Alias]:
        """
        Change an alias by a rule, as `IInstances.update`.

        :return: fires when it is durable; fails with what the rule raised,
            `NoSuchAlias`, `NoSuchImage`, `InvalidData` when the name changed, or
            `StoreFailure`.
        """

    def rename(old: AliasName, new: AliasName) -> Deferred[Alias]:
        """
        :return: fires when it is durable; fails with `NoSuchAlias` or `AliasExists`.
        """

    def delete(name: AliasName) -> Deferred[None]:
        """
        :return: fires when that is durable; fails with `NoSuchAlias`.
        """

    def observe(observer: Callable[[AliasChange], object]) -> Callable[[], None]:
        """Hear of every later change of every alias, as `IInstances.observe`."""


class IImageDraft(Interface):
    """
    The images and aliases of a draft, without the files: the synchronous forms of
    `IImages` and `IAliases`.
    """

    def get(name: ImageName) -> Image:
        """As `IImages.get`."""

    def create(image: Image) -> Image:
        """
        :raises ImageExists: when it is there already.
        """

    def update(name: ImageName, rule: Callable[[Image], Image]) -> Image:
        """As `IImages.update`."""

    def delete(name: ImageName) -> None:
        """As `IImages.delete`."""

    def alias(name: AliasName) -> Alias:
        """As `IAliases.get`."""

    def create_alias(alias: Alias) -> Alias:
        """As `IAliases.create`."""

    def update_alias(name: AliasName, rule: Callable[[Alias], Alias]) -> Alias:
        """As `IAliases.update`."""

    def rename_alias(old: AliasName, new: AliasName) -> Alias:
        """As `IAliases.rename`."""

    def delete_alias(name: AliasName) -> None:
        """As `IAliases.delete`."""
