"""``/1.0/instances``: what this service tells containers and virtual machines."""

from __future__ import annotations

from collections.abc import Callable

from twisted.web.iweb import IRequest

from devlxd.errors import BadRequest, NotFound
from devlxd.host.admission import Caller
from devlxd.host.bodies import Body, body_of, check_etag
from devlxd.host.bookkeeping import patched, replaced
from devlxd.host.creation import creation_of
from devlxd.host.documents import instance_etag
from devlxd.host.instancelist import listed, one
from devlxd.interfaces import IDraft
from devlxd.model.instance import Instance
from devlxd.model.names import InstanceName
from devlxd.web.replies import JSON, Accepted
from devlxd.web.routes import Routes

routes: Routes[Caller] = Routes()


@routes.get("/1.0/instances")
def instances(caller: Caller, request: IRequest) -> JSON:
    """The instances: where they are, or with ``recursion`` themselves."""
    return JSON(listed(caller, request))


@routes.post("/1.0/instances")
async def create(caller: Caller, request: IRequest) -> Accepted:
    """Make an instance known, with its data and nothing else."""
    creation = creation_of(caller, body_of(request))
    await caller.host.store.transact(creation.create)
    return caller.accepted("Creating instance", creation.instance.name)


@routes.get("/1.0/instances/<segment:name>")
def instance(caller: Caller, request: IRequest, name: str) -> JSON:
    """One instance."""
    found = caller.host.instances.get(caller.instance(name))
    return JSON(one(caller, request, found), etag=instance_etag(found.instance))


@routes.put("/1.0/instances/<segment:name>")
async def replace(caller: Caller, request: IRequest, name: str) -> Accepted:
    """Replace what an instance's data are."""
    body, seen = body_of(request), bool(request.getHeader(b"If-Match"))
    if body.has("restore"):
        raise NotFound("Instance snapshot not found")
    full = caller.instance(name)
    await _update(caller, request, full, lambda old: replaced(old, body, seen))
    return caller.accepted("Updating instance", full)


@routes.patch("/1.0/instances/<segment:name>")
async def patch(caller: Caller, request: IRequest, name: str) -> JSON:
    """Change some of an instance's data; ``null`` or an empty text removes a key."""
    body = body_of(request)
    full = caller.instance(name)
    await _update(caller, request, full, lambda old: patched(old, body))
    return JSON({})


@routes.post("/1.0/instances/<segment:name>")
async def rename(caller: Caller, request: IRequest, name: str) -> Accepted:
    """Give an instance that does not run another name."""
    body = body_of(request)
    old, new = caller.instance(name), _destination(caller, body)

    def rule(draft: IDraft) -> None:
        if caller.host.runtime.runs(old):
            raise BadRequest("Renaming of running instance not allowed")
        draft.rename_instance(old, new)

    await caller.host.store.transact(rule)
    return caller.accepted("Renaming instance", new)


@routes.delete("/1.0/instances/<segment:name>")
async def delete(caller: Caller, request: IRequest, name: str) -> Accepted:
    """Forget an instance that does not run."""
    full = caller.instance(name)

    def rule(draft: IDraft) -> None:
        draft.delete_instance(full)
        if caller.host.runtime.runs(full):
            raise BadRequest("Instance is running")

    await caller.host.store.transact(rule)
    return caller.accepted("Deleting instance", full)


async def _update(
    caller: Caller,
    request: IRequest,
    name: InstanceName,
    change: Callable[[Instance], Instance],
) -> None:
    def rule(old: Instance) -> Instance:
        check_etag(request, instance_etag(old))
        return change(old)

    await caller.host.instances.update(name, rule)


def _destination(caller: Caller, body: Body) -> InstanceName:
    if body.flag("migration") or body.text("project") or body.text("pool"):
        raise BadRequest("Instances cannot be moved to another place")
    return caller.instance(body.text("name"))
