"""``/1.0/devlxd``: what LXD has no word for, since it starts its instances itself."""

from __future__ import annotations

from twisted.web.iweb import IRequest

from devlxd.host.admission import Caller
from devlxd.host.bodies import body_of
from devlxd.web.replies import JSON
from devlxd.web.routes import Routes

routes: Routes[Caller] = Routes()


@routes.get("/1.0/devlxd/instances/<segment:name>/init")
def init(caller: Caller, request: IRequest, name: str) -> JSON:
    """The init process of an instance; 0 when none lives that is known."""
    full = caller.instance(name)
    caller.host.instances.get(full)
    return JSON({"pid": caller.host.runtime.pid_of(full) or 0})


@routes.put("/1.0/devlxd/instances/<segment:name>/init")
async def register(caller: Caller, request: IRequest, name: str) -> JSON:
    """Take a process for the init of an instance, until it ends."""
    pid = body_of(request).number("pid")
    await caller.host.runtime.register(caller.instance(name), pid)
    return JSON({})
