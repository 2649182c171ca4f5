"""Edits that are not durable yet."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from attrs import Factory, define, field

from devlxd.model.expansion import Expanded
from devlxd.model.image import Alias, Image
from devlxd.model.instance import Instance, Profile
from devlxd.model.names import AliasName, ImageName, InstanceName, ProfileName
from devlxd.stores.backend import Edits
from devlxd.stores.tables import Tables


def _document(expanded: Expanded | None) -> Instance | None:
    return None if expanded is None else expanded.instance


@define(eq=False)
class Overlay:
    """
    Tables with edits on top, while those underneath stay as they are.

    :ivar instances: the edited ones; ``None`` for one that is gone.
    :ivar profiles: the same, as are images and aliases.
    """

    _under: Tables
    instances: dict[InstanceName, Expanded | None] = field(default=Factory(dict))
    profiles: dict[ProfileName, Profile | None] = field(default=Factory(dict))
    notes: dict[str, str] = field(default=Factory(dict))
    images: dict[ImageName, Image | None] = field(default=Factory(dict))
    aliases: dict[AliasName, Alias | None] = field(default=Factory(dict))

    def instance(self, name: InstanceName) -> Expanded | None:
        if name in self.instances:
            return self.instances[name]
        return self._under.instance(name)

    def profile(self, name: ProfileName) -> Profile | None:
        if name in self.profiles:
            return self.profiles[name]
        return self._under.profile(name)

    def note(self, key: str) -> str | None:
        return self.notes[key] if key in self.notes else self._under.note(key)

    def users(self, profile: ProfileName) -> AbstractSet[InstanceName]:
        edited = {
            name
            for name, expanded in self.instances.items()
            if expanded is not None and profile in expanded.instance.profile_names
        }
        return edited.union(self._under.users(profile) - self.instances.keys())

    def image(self, name: ImageName) -> Image | None:
        return self.images[name] if name in self.images else self._under.image(name)

    def alias(self, name: AliasName) -> Alias | None:
        return self.aliases[name] if name in self.aliases else self._under.alias(name)

    def aliases_of(self, image: ImageName) -> AbstractSet[AliasName]:
        edited = {
            name
            for name, alias in self.aliases.items()
            if alias is not None and alias.image == image
        }
        return edited.union(self._under.aliases_of(image) - self.aliases.keys())

    def absorb(self, above: Overlay) -> None:
        """Take over the edits of an overlay that lies on this one."""
        self.instances.update(above.instances)
        self.profiles.update(above.profiles)
        self.notes.update(above.notes)
        self.images.update(above.images)
        self.aliases.update(above.aliases)

    def edits(self) -> Edits:
        """
        What has to be written.  An instance that has merely another profile in it is
        not among that: its own document is what it was.
        """
        return Edits(
            instances={
                name: _document(after)
                for name, after in self.instances.items()
                if _document(after) is not _document(self._under.instance(name))
            },
            profiles=dict(self.profiles),
            notes=dict(self.notes),
            images=dict(self.images),
            aliases=dict(self.aliases),
        )
