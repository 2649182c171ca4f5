"""Who tells operators what happens."""

from __future__ import annotations

from attrs import define

from devlxd.events.broadcast import Broadcast
from devlxd.host.lifecycle import (
    LOCATION,
    Lifecycle,
    of_alias,
    of_image,
    of_instance,
    of_profile,
    readied,
    retrieved,
)
from devlxd.host.operations import Operation
from devlxd.model.change import AliasChange, Change, ImageChange, ProfileChange
from devlxd.model.event import Event, EventType
from devlxd.model.names import ImageName, InstanceName


@define(eq=False)
class Announcer:
    """
    Turns what happens into events.

    :ivar broadcast: where they go.
    """

    broadcast: Broadcast

    def instance(self, change: Change) -> None:
        """A change of an instance: for `devlxd.interfaces.IInstances.observe`."""
        for what in of_instance(change):
            self.lifecycle(what)

    def profile(self, change: ProfileChange) -> None:
        """A change of a profile: for `devlxd.interfaces.IProfiles.observe`."""
        for what in of_profile(change):
            self.lifecycle(what)

    def image(self, change: ImageChange) -> None:
        """A change of an image: for `devlxd.interfaces.IImages.observe`."""
        for what in of_image(change):
            self.lifecycle(what)

    def alias(self, change: AliasChange) -> None:
        """A change of an alias: for `devlxd.interfaces.IAliases.observe`."""
        for what in of_alias(change):
            self.lifecycle(what)

    def retrieved(self, name: ImageName) -> None:
        """Somebody fetches an image."""
        self.lifecycle(retrieved(name))

    def ready(self, name: InstanceName) -> None:
        """An instance said that it is ready, be it once more."""
        self.lifecycle(readied(name))

    def operation(self, operation: Operation) -> None:
        """An operation: for `devlxd.host.operations.Operations.observe`."""
        document = operation.document()
        self.broadcast.publish(
            Event(EventType.OPERATION, document, LOCATION, operation.project)
        )

    def lifecycle(self, what: Lifecycle) -> None:
        """Something in the life of anything else."""
        self.broadcast.publish(what.event())
