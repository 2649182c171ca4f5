"""All contracts on all stores."""

from __future__ import annotations

from devlxd.testing import aliases, images, instances, journal, profiles, stores
from tests.stores import imageparts, parts


class MemoryInstances(parts.InMemory, instances.InstancesContract):
    """The instances of a store in memory."""


class MemoryJournal(parts.InMemory, journal.JournalContract):
    """The events of a store in memory."""


class MemoryProfiles(parts.InMemory, profiles.ProfilesContract):
    """The profiles of a store in memory."""


class MemoryStore(parts.InMemory, stores.StoreContract):
    """The transactions of a store in memory."""


class SQLiteInstances(parts.OnSQLite, instances.InstancesContract):
    """The instances of a store on a database."""


class SQLiteJournal(parts.OnSQLite, journal.JournalContract):
    """The events of a store on a database."""


class SQLiteProfiles(parts.OnSQLite, profiles.ProfilesContract):
    """The profiles of a store on a database."""


class SQLiteStore(parts.OnSQLite, stores.StoreContract):
    """The transactions of a store on a database."""


class ThreadedInstances(parts.OnSQLiteInThread, instances.InstancesContract):
    """The instances of a store that is written in a thread."""


class ThreadedJournal(parts.OnSQLiteInThread, journal.JournalContract):
    """The events of a store that is written in a thread."""


class ThreadedProfiles(parts.OnSQLiteInThread, profiles.ProfilesContract):
    """The profiles of a store that is written in a thread."""


class ThreadedStore(parts.OnSQLiteInThread, stores.StoreContract):
    """The transactions of a store that is written in a thread."""


class MemoryImages(imageparts.InMemory, images.ImagesContract):
    """Images of which the records are in memory."""


class MemoryAliases(imageparts.InMemory, aliases.AliasesContract):
    """Aliases in memory."""


class SQLiteImages(imageparts.OnSQLite, images.ImagesContract):
    """Images of which the records are in a database."""


class SQLiteAliases(imageparts.OnSQLite, aliases.AliasesContract):
    """Aliases in a database."""


class ThreadedImages(imageparts.InThreads, images.ImagesContract):
    """Images that are written in threads."""


class ThreadedAliases(imageparts.InThreads, aliases.AliasesContract):
    """Aliases that are written in a thread."""
