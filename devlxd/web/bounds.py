"""How much, and for how long, a peer may ask."""

from __future__ import annotations

from attrs import frozen


@frozen
class Bounds:
    """
    The bounds of one surface.  Sizes are in bytes, times in seconds.

    :ivar head: request line and headers together.
    :ivar body: a request's body, decoded.
    :ivar head_time: from the first byte of a request, or from the connection for the
        first one, until its head and body are there (LXD: 3).
    :ivar idle_time: between two requests of a connection (LXD: 30), and between two
        pieces of a body that has a sink.
    :ivar close_time: how long a peer may take to read the end of what it was sent.
    :ivar connections: open at once, whoever they are of; more wait to be accepted.
    """

    head: int = 64 * 1024
    body: int = 1024 * 1024
    head_time: float = 3.0
    idle_time: float = 30.0
    close_time: float = 15.0
    connections: int = 16384
