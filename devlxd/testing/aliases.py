"""The contract of `devlxd.interfaces.IAliases`."""

from __future__ import annotations

from functools import partial

from attrs import evolve
from zope.interface.verify import verifyObject

from devlxd.errors import AliasExists, InvalidData, NoSuchAlias, NoSuchImage
from devlxd.interfaces import IAliases, IDraft
from devlxd.model.change import AliasChange
from devlxd.model.image import Alias
from devlxd.testing.images import A, B, ImagesCase, instead
from devlxd.testing.stores import refusing

__all__ = ["AliasesContract"]


class AliasesContract(ImagesCase):
    """What every `IAliases` does."""

    async def test_interface(self) -> None:
        """It provides `IAliases`."""
        verifyObject(IAliases, self.aliases)

    async def test_create(self) -> None:
        """What is created can be got, ordered by project and name."""
        image = await self.kept(b"meta")
        alias = Alias(B, image.fingerprint, "Text")
        self.assertEqual(await self.aliases.create(alias), alias)
        await self.aliases.create(Alias(A, image.fingerprint))
        self.assertEqual(self.aliases.get(B), alias)
        self.assertEqual([each.name for each in self.aliases.all()], [A, B])

    async def test_refused(self) -> None:
        """A name is taken once, by an alias of an image that there is."""
        image = await self.kept(b"meta")
        await self.aliases.create(Alias(A, image.fingerprint))
        again = Alias(A, image.fingerprint, "Text")
        await self.fails(AliasExists, self.aliases.create(again))
        astray = Alias(B, "0" * 64)
        await self.fails(NoSuchImage, self.aliases.create(astray))
        self.assertRaises(NoSuchAlias, self.aliases.get, B)

    async def test_update(self) -> None:
        """An alias can lead to another image, and keeps its name."""
        one, other = await self.kept(b"one"), await self.kept(b"other")
        await self.aliases.create(Alias(A, one.fingerprint))
        moved = Alias(A, other.fingerprint, "Text")
        self.assertEqual(await self.aliases.update(A, lambda _: moved), moved)
        await self.images.delete(one.name)
        self.assertEqual(self.aliases.get(A), moved)
        for after, error in (
            (evolve(moved, name=B), InvalidData),
            (evolve(moved, target="0" * 64), NoSuchImage),
        ):
            done = self.aliases.update(A, partial(instead, after))
            await self.fails(error, done)
        await self.fails(ZeroDivisionError, self.aliases.update(A, refusing))
        await self.fails(NoSuchAlias, self.aliases.update(B, lambda old: old))

    async def test_rename(self) -> None:
        """A renamed alias is there by its new name alone."""
        image = await self.kept(b"meta")
        await self.aliases.create(Alias(A, image.fingerprint, "Text"))
        heard = self.heard()
        renamed = await self.aliases.rename(A, B)
        self.assertEqual(renamed, Alias(B, image.fingerprint, "Text"))
        self.assertRaises(NoSuchAlias, self.aliases.get, A)
        moves = [(c.name, c.renamed_from, c.renamed_to) for c in heard]
        self.assertEqual(moves, [(B, A, None), (A, None, B)])
        await self.fails(NoSuchAlias, self.aliases.rename(A, B))
        await self.aliases.create(Alias(A, image.fingerprint))
        await self.fails(AliasExists, self.aliases.rename(A, B))

    async def test_rename_of_news(self) -> None:
        """An alias that is new in a transaction had no other name before it."""
        image = await self.kept(b"meta")
        heard = self.heard()

        def rule(draft: IDraft) -> None:
            draft.images.create_alias(Alias(A, image.fingerprint))
            draft.images.rename_alias(A, B)

        await self.store.transact(rule)
        alias = Alias(B, image.fingerprint)
        self.assertEqual(heard, [AliasChange(B, None, alias)])

    async def test_delete(self) -> None:
        """What is deleted is gone, and its image stays."""
        image = await self.kept(b"meta")
        await self.aliases.create(Alias(A, image.fingerprint))
        await self.aliases.delete(A)
        self.assertRaises(NoSuchAlias, self.aliases.get, A)
        self.assertEqual(list(self.images.all()), [image])
        await self.fails(NoSuchAlias, self.aliases.delete(A))

    async def test_observe(self) -> None:
        """Every change is told, in order, that with the image included."""
        image = await self.kept(b"meta")
        heard = self.heard()
        alias = await self.aliases.create(Alias(A, image.fingerprint))
        text = await self.aliases.update(A, lambda old: evolve(old, description="x"))
        await self.aliases.update(A, lambda old: old)
        await self.images.delete(image.name)
        self.assertEqual(
            heard,
            [
                AliasChange(A, None, alias),
                AliasChange(A, alias, text),
                AliasChange(A, text, None),
            ],
        )

    def heard(self) -> list[AliasChange]:
        """The changes of aliases from now on."""
        heard: list[AliasChange] = []
        self.aliases.observe(heard.append)
        return heard
