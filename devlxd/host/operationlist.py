"""``/1.0/operations``: what has been done, for those who would wait for it."""

from __future__ import annotations

from twisted.web.iweb import IRequest

from devlxd.errors import BadRequest
from devlxd.host.admission import Caller
from devlxd.host.bodies import parameter
from devlxd.web.replies import JSON
from devlxd.web.routes import Routes

routes: Routes[Caller] = Routes()


@routes.get("/1.0/operations")
def operations(caller: Caller, request: IRequest) -> JSON:
    """The last operations by their status, with ``recursion`` themselves."""
    whole = parameter(request, "recursion") not in ("", "0")
    told: dict[str, list[object]] = {}
    for operation in caller.host.operations.all():
        if caller.all_projects or operation.project == caller.project:
            document = operation.document()
            listed = told.setdefault(document["status"].lower(), [])
            listed.append(document if whole else operation.url)
    return JSON(told)


@routes.get("/1.0/operations/<segment:ident>")
@routes.get("/1.0/operations/<segment:ident>/wait")
def operation(caller: Caller, request: IRequest, ident: str) -> JSON:
    """One operation.  It has ended, so that there is nothing to wait for."""
    return JSON(caller.host.operations.get(ident).document())


@routes.delete("/1.0/operations/<segment:ident>")
def cancel(caller: Caller, request: IRequest, ident: str) -> JSON:
    """Refuse to cancel what has ended."""
    caller.host.operations.get(ident)
    raise BadRequest("This operation can't be cancelled")
