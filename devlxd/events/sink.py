"""Where a subscriber's events go."""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen
from zope.interface import Interface


class ISink(Interface):
    """One subscriber's connection, in one of the wire forms."""

    def writer() -> Callable[[bytes], None]:
        """
        What writes an event, in the form that `devlxd.events.wire.Encoder` gave it.

        It is asked for once, so that nothing is between an event and the transport, and
        called until `close`, or until the subscription is told to stop.
        """

    def close(reason: str) -> None:
        """End the connection, with the reason where the form has a place for it."""


@frozen
class Backlog:
    """
    How much may wait for a subscriber that does not read.

    :ivar count: events.
    :ivar size: bytes.
    """

    count: int = 1000
    size: int = 1024 * 1024
