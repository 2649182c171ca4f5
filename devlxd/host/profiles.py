"""``/1.0/profiles``: config and devices that instances share."""

from __future__ import annotations

from collections.abc import Callable

from attrs import evolve
from twisted.web.iweb import IRequest

from devlxd.errors import Forbidden
from devlxd.host.admission import Caller
from devlxd.host.bodies import Body, body_of, check_etag, parameter
from devlxd.host.documents import Document, profile_document, profile_etag, profile_url
from devlxd.host.patches import (
    patched_config,
    patched_devices,
    with_values,
    without_empty,
)
from devlxd.model.instance import Profile
from devlxd.model.names import ProfileName
from devlxd.web.replies import JSON
from devlxd.web.routes import Routes

DEFAULT = "default"
"""The profile that every project has."""

routes: Routes[Caller] = Routes()


@routes.get("/1.0/profiles")
def profiles(caller: Caller, request: IRequest) -> JSON:
    """The profiles of a project: where they are, or with ``recursion`` themselves."""
    projects = [caller.project]
    if caller.all_projects:
        projects = [project.name for project in caller.host.projects.all()]
    names = [n for p in projects for n in caller.host.projects.profiles_in(p)]
    if parameter(request, "recursion") in ("", "0"):
        return JSON([profile_url(name) for name in names])
    return JSON([_document(caller, name) for name in names])


@routes.post("/1.0/profiles")
async def create(caller: Caller, request: IRequest) -> JSON:
    """Make a profile."""
    body = body_of(request)
    name = caller.profile(body.text("name"))
    await caller.host.profiles.create(_replaced(Profile(name), body))
    return JSON(None, location=profile_url(name))


@routes.get("/1.0/profiles/<segment:name>")
def profile(caller: Caller, request: IRequest, name: str) -> JSON:
    """One profile, and the instances that use it."""
    full = caller.profile(name)
    found = caller.host.profiles.get(full)
    return JSON(_document(caller, full), etag=profile_etag(found))


@routes.put("/1.0/profiles/<segment:name>")
async def replace(caller: Caller, request: IRequest, name: str) -> JSON:
    """Replace what a profile holds, and change all instances that use it."""
    body = body_of(request)
    await _update(caller, request, name, body, _replaced)
    return JSON({})


@routes.patch("/1.0/profiles/<segment:name>")
async def patch(caller: Caller, request: IRequest, name: str) -> JSON:
    """Change some of what a profile holds; ``null`` or an empty text removes a key."""
    body = body_of(request)
    await _update(caller, request, name, body, _patched)
    return JSON({})


@routes.post("/1.0/profiles/<segment:name>")
async def rename(caller: Caller, request: IRequest, name: str) -> JSON:
    """Give a profile that no instance uses another name."""
    old, new = caller.profile(name), caller.profile(body_of(request).text("name"))
    if old.name == DEFAULT:
        raise Forbidden('The "default" profile cannot be renamed')
    await caller.host.store.transact(lambda draft: draft.rename_profile(old, new))
    return JSON(None, location=profile_url(new))


@routes.delete("/1.0/profiles/<segment:name>")
async def delete(caller: Caller, request: IRequest, name: str) -> JSON:
    """Remove a profile that no instance uses."""
    full = caller.profile(name)
    if full.name == DEFAULT:
        raise Forbidden('The "default" profile cannot be deleted')
    await caller.host.profiles.delete(full)
    return JSON({})


async def _update(
    caller: Caller,
    request: IRequest,
    name: str,
    body: Body,
    change: Callable[[Profile, Body], Profile],
) -> None:
    def rule(old: Profile) -> Profile:
        check_etag(request, profile_etag(old))
        return change(old, body)

    await caller.host.profiles.update(caller.profile(name), rule)


def _document(caller: Caller, name: ProfileName) -> Document:
    profiles = caller.host.profiles
    return profile_document(profiles.get(name), profiles.used_by(name))


def _replaced(old: Profile, body: Body) -> Profile:
    return evolve(
        old,
        description=body.text("description"),
        config=without_empty(body.config()),
        devices=with_values(body.devices()),
    )


def _patched(old: Profile, body: Body) -> Profile:
    return evolve(
        old,
        description=body.text("description", old.description),
        config=patched_config(old.config, body.maps("config")),
        devices=patched_devices(old.devices, body.maps("devices")),
    )
