"""Where a subscriber's events go."""

from __future__ import annotations

from attrs import frozen
from zope.interface import Interface


class ISink(Interface):
    """One subscriber's connection, in one of the wire forms."""

    def send(line: bytes) -> None:
        """Write one event: JSON and a newline."""

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
