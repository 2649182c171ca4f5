"""``/1.0/instances/NAME/state``: what the runtime says of an instance."""

from __future__ import annotations

from twisted.web.iweb import IRequest

from devlxd.errors import BadRequest
from devlxd.host.admission import Caller
from devlxd.host.bodies import body_of
from devlxd.host.documents import state_document
from devlxd.web import gojson
from devlxd.web.replies import JSON
from devlxd.web.routes import Routes

routes: Routes[Caller] = Routes()

_IN_VAIN = {
    ("start", True): "The instance is already running",
    ("stop", False): "The instance is already stopped",
    ("restart", False): "The instance is not running",
    ("freeze", False): "The instance is not running",
    ("unfreeze", False): "The instance is not running",
}
"""What is said of an action that makes no sense for one that runs, or that does not."""

_ACTIONS = {action for action, _ in _IN_VAIN}

_NOT_OURS = (
    "Starting and stopping instances is their runtime's business: "
    "use lxc-start, machinectl, podman, virsh or the like"
)


@routes.get("/1.0/instances/<segment:name>/state")
def state(caller: Caller, request: IRequest, name: str) -> JSON:
    """Whether an instance runs, and as which process."""
    full, runtime = caller.instance(name), caller.host.runtime
    found = caller.host.instances.get(full).instance
    return JSON(state_document(found, runtime.runs(full), runtime.pid_of(full)))


@routes.put("/1.0/instances/<segment:name>/state")
def change(caller: Caller, request: IRequest, name: str) -> JSON:
    """Refuse to start and to stop; the text says who does that."""
    full, action = caller.instance(name), body_of(request).text("action")
    caller.host.instances.get(full)
    if action not in _ACTIONS:
        raise BadRequest(f"Unknown action: {gojson.quote(action)}")
    runs = caller.host.runtime.runs(full)
    raise BadRequest(_IN_VAIN.get((action, runs), _NOT_OURS))
