"""``/1.0/events``: what happens on the host, as it happens."""

from __future__ import annotations

from twisted.web.iweb import IRequest

from devlxd.errors import BadRequest
from devlxd.events.handshake import opening_in
from devlxd.host.admission import Caller
from devlxd.host.bodies import parameter
from devlxd.model.event import EventType
from devlxd.web import gojson
from devlxd.web.replies import Handover
from devlxd.web.routes import Routes

routes: Routes[Caller] = Routes()

_TYPES = (EventType.LOGGING, EventType.OPERATION, EventType.LIFECYCLE)
_ALL = tuple(kind.value for kind in _TYPES)


@routes.get("/1.0/events")
def events(caller: Caller, request: IRequest) -> Handover:
    """
    Events as they happen: messages of a WebSocket if one is asked for, else lines.

    ``type`` says which: ``lifecycle``, ``operation``, ``logging`` (of which there are
    none), or several with commas between them.  They are those of ``project``, or with
    ``all-projects=true`` of all projects.
    """
    types = _types(parameter(request, "type"))
    project = None if caller.all_projects else caller.project
    opening = opening_in(request.requestHeaders)
    broadcast = caller.host.announcer.broadcast
    return Handover(broadcast.subscriber(project, types, opening))


def _types(text: str) -> frozenset[str]:
    """
    :raises BadRequest: when it names one that there is not.
    """
    names = text.split(",") if text else _ALL
    for name in names:
        if name not in _ALL:
            raise BadRequest(f"{gojson.quote(name)} isn't a supported event type")
    return frozenset(names)
