"""What is kept, and where."""

from __future__ import annotations

from time import time_ns
from typing import Self
from uuid import uuid4

from attrs import frozen

from devlxd.assembly.setting import Setting
from devlxd.assembly.threads import in_thread
from devlxd.stores.imagedirectory import ImageDirectory, ImageLimits
from devlxd.stores.imagefiles import ImageFiles
from devlxd.stores.memory import Memory
from devlxd.stores.sqlite import SQLite
from devlxd.stores.store import Store


@frozen
class Data:
    """
    All that the service keeps.

    :ivar store: instances, profiles, events, and the records of images.
    :ivar images: those with their files.
    """

    store: Store
    images: ImageDirectory

    @classmethod
    def of(cls, setting: Setting) -> Self:
        """Kept where ``--store`` says."""
        store = Store(_backend(setting), new_uuid, time_ns)
        return cls(store, _images(setting, store))


def new_uuid() -> str:
    """An id that nothing else has."""
    return str(uuid4())


def _backend(setting: Setting) -> Memory | SQLite:
    keep = setting.options["keep-events"]
    if setting.options["store"] == "sqlite":
        return SQLite(setting.state.database, keep=keep)
    return Memory(keep=keep)


def _images(setting: Setting, store: Store) -> ImageDirectory:
    options, state = setting.options, setting.state
    path = state.images if options["store"] == "sqlite" else state.passing_images
    limits = ImageLimits(options["max-image-size"], options["max-images"])
    run = in_thread(setting.reactor)
    return ImageDirectory(store.images, ImageFiles(path), run, limits)
