"""A store's data in memory: gone with the process."""

from __future__ import annotations

from attrs import field, frozen
from zope.interface import implementer

from devlxd.stores.backend import Contents, Edits, IBackend


@implementer(IBackend)
@frozen
class Memory:
    """Keeps nothing, since the store itself holds all of it in memory."""

    contents: Contents = field(factory=Contents)

    def load(self) -> Contents:
        return self.contents

    def write(self, edits: Edits) -> None:
        pass

    def close(self) -> None:
        pass
