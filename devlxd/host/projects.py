"""``/1.0/projects``: instances, profiles and images apart from each other."""

from __future__ import annotations

from collections.abc import Callable

from attrs import evolve
from twisted.web.iweb import IRequest

from devlxd.host.admission import Caller
from devlxd.host.bodies import Body, body_of, check_etag, parameter
from devlxd.host.documents import (
    Document,
    etag,
    image_url,
    instance_url,
    profile_url,
    project_document,
    project_url,
)
from devlxd.host.lifecycle import of_project
from devlxd.host.patches import patched_config, without_empty
from devlxd.host.projectlist import FEATURES, Project, checked
from devlxd.web.replies import JSON, Accepted
from devlxd.web.routes import Routes

routes: Routes[Caller] = Routes()


@routes.get("/1.0/projects")
def projects(caller: Caller, request: IRequest) -> JSON:
    """The projects: where they are, or with ``recursion`` themselves."""
    found = caller.host.projects.all()
    if parameter(request, "recursion") in ("", "0"):
        return JSON([project_url(project.name) for project in found])
    return JSON([_document(caller, project) for project in found])


@routes.post("/1.0/projects")
async def create(caller: Caller, request: IRequest) -> JSON:
    """Make a project."""
    body = body_of(request)
    made = _replaced(Project(body.text("name")), body)
    await caller.host.projects.create(made)
    caller.host.announcer.lifecycle(of_project("created", made.name))
    return JSON(None, location=project_url(made.name))


@routes.get("/1.0/projects/<segment:name>")
def project(caller: Caller, request: IRequest, name: str) -> JSON:
    """One project, and what is in it."""
    found = caller.host.projects.get(name)
    return JSON(_document(caller, found), etag=_etag(found))


@routes.put("/1.0/projects/<segment:name>")
async def replace(caller: Caller, request: IRequest, name: str) -> JSON:
    """Replace a project's description and config."""
    await _update(caller, request, name, _replaced)
    return JSON({})


@routes.patch("/1.0/projects/<segment:name>")
async def patch(caller: Caller, request: IRequest, name: str) -> JSON:
    """Change a project's description or some of its config."""
    await _update(caller, request, name, _patched)
    return JSON({})


@routes.post("/1.0/projects/<segment:name>")
async def rename(caller: Caller, request: IRequest, name: str) -> Accepted:
    """Give a project that nothing is in another name."""
    new = body_of(request).text("name")
    await caller.host.projects.rename(name, new)
    caller.host.announcer.lifecycle(of_project("renamed", new, old_name=name))
    operation = caller.host.operations.add("Renaming project", {})
    return Accepted(operation.document(), operation.url)


@routes.delete("/1.0/projects/<segment:name>")
async def delete(caller: Caller, request: IRequest, name: str) -> JSON:
    """Remove a project that nothing is in."""
    await caller.host.projects.delete(name)
    caller.host.announcer.lifecycle(of_project("deleted", name))
    return JSON({})


async def _update(
    caller: Caller,
    request: IRequest,
    name: str,
    change: Callable[[Project, Body], Project],
) -> None:
    body = body_of(request)

    def rule(old: Project) -> Project:
        check_etag(request, _etag(old))
        return change(old, body)

    await caller.host.projects.update(name, rule)
    caller.host.announcer.lifecycle(of_project("updated", name))


def _etag(project: Project) -> str:
    return etag(project.description, dict(project.config))


def _document(caller: Caller, project: Project) -> Document:
    known = caller.host.projects
    used_by = (
        *map(instance_url, known.instances_in(project.name)),
        *map(profile_url, known.profiles_in(project.name)),
        *map(image_url, known.images_in(project.name)),
    )
    return project_document(project.name, project.description, project.config, used_by)


def _replaced(old: Project, body: Body) -> Project:
    config = without_empty({**FEATURES, **body.config()})
    return evolve(old, description=body.text("description"), config=checked(config))


def _patched(old: Project, body: Body) -> Project:
    config = patched_config(old.config, body.maps("config"))
    description = body.text("description", old.description)
    return evolve(old, description=description, config=checked(config))
