"""The images and aliases of one transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from attrs import Factory, define, evolve, field
from zope.interface import implementer

from devlxd.errors import (
    AliasExists,
    ImageExists,
    InvalidData,
    NoSuchAlias,
    NoSuchImage,
)
from devlxd.interfaces import IImageDraft
from devlxd.model.change import AliasChange, ImageChange
from devlxd.model.image import Alias, Image
from devlxd.model.names import AliasName, ImageName
from devlxd.stores.moves import Moves
from devlxd.stores.overlay import Overlay
from devlxd.stores.tables import Tables

N = TypeVar("N")
V = TypeVar("V")


def _put(edits: dict[N, V | None], name: N, durable: V | None, after: V | None) -> None:
    """Note what is there now, unless that is what was there before."""
    if after == durable:
        edits.pop(name, None)
    else:
        edits[name] = after


def _fixed(image: Image) -> tuple[object, ...]:
    """What of an image never changes."""
    return image.name, image.type, image.metadata, image.rootfs


@implementer(IImageDraft)
@define(eq=False)
class ImageDraft:
    """The part of a `devlxd.stores.draft.Draft` that is about images."""

    _base: Tables
    _edits: Overlay
    _moves: Moves[AliasName] = field(init=False, default=Factory(Moves))

    def changes(self) -> list[ImageChange | AliasChange]:
        """What became of each, in the order of the edits."""
        return [
            *(
                ImageChange(name, self._base.image(name), after)
                for name, after in self._edits.images.items()
            ),
            *(
                AliasChange(
                    name, self._base.alias(name), after, *self._moves.of(name, after)
                )
                for name, after in self._edits.aliases.items()
            ),
        ]

    def get(self, name: ImageName) -> Image:
        found = self._edits.image(name)
        if found is None:
            raise NoSuchImage
        return found

    def create(self, image: Image) -> Image:
        if self._edits.image(image.name) is not None:
            raise ImageExists
        self._put(image.name, image)
        return image

    def update(self, name: ImageName, rule: Callable[[Image], Image]) -> Image:
        before = self.get(name)
        after = rule(before)
        if _fixed(after) != _fixed(before):
            raise InvalidData("What an image consists of cannot be changed")
        self._put(name, after)
        return after

    def delete(self, name: ImageName) -> None:
        self.get(name)
        for alias in sorted(self._edits.aliases_of(name)):
            self.delete_alias(alias)
        self._put(name, None)

    def alias(self, name: AliasName) -> Alias:
        found = self._edits.alias(name)
        if found is None:
            raise NoSuchAlias
        return found

    def create_alias(self, alias: Alias) -> Alias:
        if self._edits.alias(alias.name) is not None:
            raise AliasExists
        return self._put_alias(alias)

    def update_alias(self, name: AliasName, rule: Callable[[Alias], Alias]) -> Alias:
        after = rule(self.alias(name))
        if after.name != name:
            raise InvalidData("Alias name cannot be changed")
        return self._put_alias(after)

    def rename_alias(self, old: AliasName, new: AliasName) -> Alias:
        moved = self.create_alias(evolve(self.alias(old), name=new))
        origin = self._moves.origin(old)
        self.delete_alias(old)
        if self._base.alias(origin) is not None:
            self._moves.note(origin, new)
        return moved

    def delete_alias(self, name: AliasName) -> None:
        self.alias(name)
        self._moves.forget(name)
        _put(self._edits.aliases, name, self._base.alias(name), None)

    def _put(self, name: ImageName, after: Image | None) -> None:
        _put(self._edits.images, name, self._base.image(name), after)

    def _put_alias(self, after: Alias) -> Alias:
        self.get(after.image)
        _put(self._edits.aliases, after.name, self._base.alias(after.name), after)
        return after
