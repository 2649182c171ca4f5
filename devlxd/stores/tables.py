"""What a transaction can look up, wherever it comes from."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from functools import lru_cache
from operator import attrgetter
from typing import Protocol

from devlxd.errors import NoSuchProfile
from devlxd.model.expansion import Expanded
from devlxd.model.image import Alias, Image
from devlxd.model.instance import Instance, Profile
from devlxd.model.names import AliasName, ImageName, InstanceName, ProfileName

DEFAULT = "default"
"""The profile that every project has."""

# For sorting: tuples of str compare many times faster than the names themselves.
by_name = attrgetter("project", "name")


class Tables(Protocol):
    """Everything by its name; ``None`` is given for what is unknown."""

    def instance(self, name: InstanceName) -> Expanded | None:
        """An instance."""

    def profile(self, name: ProfileName) -> Profile | None:
        """A profile, if it was ever written."""

    def note(self, key: str) -> str | None:
        """A note."""

    def users(self, profile: ProfileName) -> AbstractSet[InstanceName]:
        """The instances that use a profile."""

    def image(self, name: ImageName) -> Image | None:
        """An image."""

    def alias(self, name: AliasName) -> Alias | None:
        """An alias."""

    def aliases_of(self, image: ImageName) -> AbstractSet[AliasName]:
        """The aliases of an image."""


# Kept, so that the profile of an instance is the same object from get to get.
@lru_cache(maxsize=1024)
def _empty(name: ProfileName) -> Profile:
    return Profile(name)


def profile_in(tables: Tables, name: ProfileName) -> Profile:
    """
    A profile; ``default`` is empty until somebody writes it.

    :raises NoSuchProfile: when there is none of this name.
    """
    found = tables.profile(name)
    if found is not None:
        return found
    if name.name == DEFAULT:
        return _empty(name)
    raise NoSuchProfile


def expand(tables: Tables, instance: Instance) -> Expanded:
    """
    An instance together with its profiles.

    :raises NoSuchProfile: when it uses one that is not there, which the text names.
    """
    profiles = tuple(_used(tables, name) for name in instance.profile_names)
    return Expanded(instance, profiles)


def _used(tables: Tables, name: ProfileName) -> Profile:
    try:
        return profile_in(tables, name)
    except NoSuchProfile:
        raise NoSuchProfile(f'Requested profile "{name.name}" doesn\'t exist') from None
