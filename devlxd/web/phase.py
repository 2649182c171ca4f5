"""What goes on on a connection."""

from __future__ import annotations

from enum import Enum, auto
from math import inf

from devlxd.web.bounds import Bounds

__all__ = ["IN_BODY", "READING", "Phase", "allowed_time"]


class Phase(Enum):
    """What a connection waits for."""

    HEAD = auto()  # the rest of a head; from the connection on for the first one
    BODY = auto()
    SINK = auto()  # more of a body that somebody takes as it comes
    ANSWER = auto()  # of our own
    IDLE = auto()  # the peer's next request
    OTHER = auto()  # nothing; the connection speaks another protocol now
    CLOSED = auto()  # the peer, to take the last bytes


IN_BODY = (Phase.BODY, Phase.SINK)

READING = (Phase.IDLE, Phase.HEAD, Phase.BODY)
"""When what the peer sends is gone through, letter by letter."""


def allowed_time(phase: Phase, bounds: Bounds) -> float:
    """The seconds that a peer may take in a phase; without end where we do."""
    if phase in (Phase.ANSWER, Phase.OTHER):
        return inf
    if phase in (Phase.IDLE, Phase.SINK):
        return bounds.idle_time
    if phase is Phase.CLOSED:
        return bounds.close_time
    return bounds.head_time
