"""``/1.0/images/aliases``: other names of images."""

from __future__ import annotations

from collections.abc import Callable

from attrs import evolve
from twisted.web.iweb import IRequest

from devlxd.errors import BadRequest
from devlxd.host.admission import Caller
from devlxd.host.bodies import Body, body_of, check_etag, parameter
from devlxd.host.documents import Document, alias_url, etag
from devlxd.host.imagelist import found
from devlxd.model.image import Alias
from devlxd.model.names import AliasName
from devlxd.web.replies import JSON
from devlxd.web.routes import Routes

routes: Routes[Caller] = Routes()


@routes.get("/1.0/images/aliases")
def aliases(caller: Caller, request: IRequest) -> JSON:
    """The aliases of a project: where they are, or with ``recursion`` themselves."""
    here = [
        alias
        for alias in caller.host.aliases.all()
        if alias.name.project == caller.project
    ]
    if parameter(request, "recursion") in ("", "0"):
        return JSON([alias_url(alias.name) for alias in here])
    return JSON([_document(caller, alias) for alias in here])


@routes.post("/1.0/images/aliases")
async def create(caller: Caller, request: IRequest) -> JSON:
    """Give an image another name."""
    body = body_of(request)
    name = AliasName(caller.project, body.text("name"))
    made = Alias(name, _target(caller, body), body.text("description"))
    await caller.host.aliases.create(made)
    return JSON(None, location=alias_url(name))


@routes.get("/1.0/images/aliases/<segment:name>")
def alias(caller: Caller, request: IRequest, name: str) -> JSON:
    """One alias, and the image that it leads to."""
    known = caller.host.aliases.get(AliasName(caller.project, name))
    return JSON(_document(caller, known), etag=_etag(known))


@routes.put("/1.0/images/aliases/<segment:name>")
async def replace(caller: Caller, request: IRequest, name: str) -> JSON:
    """Have an alias lead to another image, and replace its description."""
    body = body_of(request)
    target, text = _target(caller, body), body.text("description")
    await _update(caller, request, name, lambda old: Alias(old.name, target, text))
    return JSON({})


@routes.patch("/1.0/images/aliases/<segment:name>")
async def patch(caller: Caller, request: IRequest, name: str) -> JSON:
    """Have an alias lead to another image, or change its description."""
    body = body_of(request)
    target = _target(caller, body) if body.has("target") else None

    def change(old: Alias) -> Alias:
        text = body.text("description", old.description)
        return evolve(old, target=target or old.target, description=text)

    await _update(caller, request, name, change)
    return JSON({})


@routes.post("/1.0/images/aliases/<segment:name>")
async def rename(caller: Caller, request: IRequest, name: str) -> JSON:
    """Give an alias another name."""
    old = AliasName(caller.project, name)
    new = AliasName(caller.project, body_of(request).text("name"))
    await caller.host.aliases.rename(old, new)
    return JSON(None, location=alias_url(new))


@routes.delete("/1.0/images/aliases/<segment:name>")
async def delete(caller: Caller, request: IRequest, name: str) -> JSON:
    """Remove an alias; its image stays."""
    await caller.host.aliases.delete(AliasName(caller.project, name))
    return JSON({})


async def _update(
    caller: Caller, request: IRequest, name: str, change: Callable[[Alias], Alias]
) -> None:
    def rule(old: Alias) -> Alias:
        check_etag(request, _etag(old))
        return change(old)

    await caller.host.aliases.update(AliasName(caller.project, name), rule)


def _target(caller: Caller, body: Body) -> str:
    """
    :raises BadRequest: when no image is named.
    """
    target = body.text("target")
    if not target:
        raise BadRequest("name and target are required")
    return found(caller, target).fingerprint


def _etag(alias: Alias) -> str:
    return etag(alias.target, alias.description)


def _document(caller: Caller, alias: Alias) -> Document:
    image = caller.host.images.get(alias.name.project, alias.target)
    return {
        "description": alias.description,
        "target": alias.target,
        "name": alias.name.name,
        "type": image.type.value,
    }
