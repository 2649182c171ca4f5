"""``/1.0/events``: what happens to an instance, as it happens."""

from __future__ import annotations

from twisted.web.iweb import IRequest

from devlxd.errors import BadRequest
from devlxd.events.handshake import opening_in
from devlxd.events.subscription import LATEST
from devlxd.guest.admission import Guest
from devlxd.web import gojson
from devlxd.web.replies import Handover
from devlxd.web.routes import Routes

routes: Routes[Guest] = Routes()

_ALL = "config,device"
_LONGEST = 18  # digits of a number


@routes.get("/1.0/events")
def events(guest: Guest, request: IRequest) -> Handover:
    """
    Events as they happen: messages of a WebSocket if one is asked for, else lines.

    ``type`` says which: ``config``, ``device``, or both with a comma between them.
    With ``since=NUMBER`` come first those that happened after that one, and each has
    its number; ``since=latest`` only begins to number them.
    """
    types = frozenset((_first(request, b"type") or _ALL).split(","))
    since = _since(_first(request, b"since"))
    any_origin = guest.compat.manner.takes_any_origin
    opening = opening_in(request.requestHeaders, request.method, any_origin)
    return Handover(guest.feed.subscriber(guest.name, types, since, opening))


def _first(request: IRequest, name: bytes) -> str | None:
    """The first value of a parameter; LXD, too, looks at no other."""
    values = request.args.get(name)
    return values[0].decode("utf-8", "replace") if values else None


def _since(text: str | None) -> int | str | None:
    """
    :raises BadRequest: when it is neither a number nor ``latest``.
    """
    if not text or text == LATEST:
        return text or None
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST):
        raise BadRequest(f"Invalid since {gojson.quote(text)}")
    return int(text)
