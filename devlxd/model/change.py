"""What became of an instance."""

from __future__ import annotations

from attrs import frozen

from devlxd.model.expansion import Expanded
from devlxd.model.names import InstanceName


@frozen
class Change:
    """
    A durable change of one instance, be it by its own data or by a profile's.

    :ivar before: its state before; ``None`` when the instance is new.
    :ivar after: its state now; ``None`` when it is gone.
    """

    name: InstanceName
    before: Expanded | None
    after: Expanded | None
