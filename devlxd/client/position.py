"""How far a reader of events is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from urllib.parse import urlencode

from attrs import define, field

from devlxd.client.events import Event, Gap, Latest, Message, Told

__all__ = ["Position"]


@define
class Position:
    """
    Sees to it that a reader is told of each event once, or that one may be missing.

    :ivar since: the number of the event after which to go on; ``None`` for what happens
        from now on.
    """

    since: int | None
    # Whether something may be missing if the service does not number what it tells.
    _uncertain: bool = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._uncertain = self.since is not None

    def target(self, types: Collection[str]) -> str:
        """
        What to ask the service for.

        :param types: which types of events, or a text with commas between them; empty
            for all.
        """
        wanted = types if isinstance(types, str) else ",".join(types)
        asked = {"type": wanted} if wanted else {}
        asked["since"] = "latest" if self.since is None else str(self.since)
        return f"/1.0/events?{urlencode(asked)}"

    def interrupted(self) -> None:
        """The service told events, and does so no more."""
        self._uncertain = True

    def told(self, message: Message) -> Sequence[Told]:
        """What the reader is to be told, now that the service says this."""
        uncertain, self._uncertain = self._uncertain, False
        if isinstance(message, Event):
            if message.seq is None:
                return (Gap(self.since, None), message) if uncertain else (message,)
            if self.since is not None and message.seq <= self.since:
                return ()
        # After a gap this may be less than before: a service whose events are in its
        # memory begins anew when it is restarted.
        self.since = message.seq
        return () if isinstance(message, Latest) else (message,)
