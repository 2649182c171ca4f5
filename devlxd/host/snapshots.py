"""What belongs to an instance in LXD and is not kept here: empty lists of it."""

from __future__ import annotations

from twisted.web.iweb import IRequest

from devlxd.host.admission import Caller
from devlxd.web.replies import JSON
from devlxd.web.routes import Routes

routes: Routes[Caller] = Routes()


@routes.get("/1.0/instances/<segment:name>/snapshots")
@routes.get("/1.0/instances/<segment:name>/backups")
@routes.get("/1.0/instances/<segment:name>/logs")
def nothing(caller: Caller, request: IRequest, name: str) -> JSON:
    """There are none of an instance."""
    caller.host.instances.get(caller.instance(name))
    return JSON([])
