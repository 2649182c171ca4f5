"""What clients ask for on their way to instances and is not kept here."""

from __future__ import annotations

from twisted.web.iweb import IRequest

from devlxd.host.admission import Caller
from devlxd.web.replies import JSON
from devlxd.web.routes import Routes

routes: Routes[Caller] = Routes()


@routes.get("/1.0/networks")
@routes.get("/1.0/storage-pools")
def nothing(caller: Caller, request: IRequest) -> JSON:
    """There are none."""
    return JSON([])
