"""``/1.0/images``: what instances can be made from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from attrs import evolve
from twisted.web.iweb import IRequest

from devlxd.errors import BadRequest
from devlxd.host.admission import Caller
from devlxd.host.bodies import Body, body_of, check_etag
from devlxd.host.documents import image_url
from devlxd.host.imageexport import exported
from devlxd.host.imageimport import imported
from devlxd.host.imagelist import found, image_etag, listed, one
from devlxd.host.patches import patched_config, without_empty
from devlxd.model.image import Image
from devlxd.web.replies import JSON, Accepted, File, Form
from devlxd.web.routes import Routes

routes: Routes[Caller] = Routes()


@routes.get("/1.0/images")
def images(caller: Caller, request: IRequest) -> JSON:
    """The images: where they are, or with ``recursion`` themselves."""
    return JSON(listed(caller, request))


@routes.post("/1.0/images")
async def take_in(caller: Caller, request: IRequest) -> Accepted:
    """Keep the image that is the body, or whose two files are a form's."""
    image = await imported(caller, request)
    metadata = {"fingerprint": image.fingerprint, "size": str(image.size)}
    resources = {"images": [image_url(image.name)]}
    return caller.done("Downloading image", resources, metadata)


@routes.get("/1.0/images/<segment:fingerprint>")
def image(caller: Caller, request: IRequest, fingerprint: str) -> JSON:
    """One image; the beginning of its fingerprint will do."""
    known = found(caller, fingerprint)
    return JSON(one(caller, known), etag=image_etag(known))


@routes.put("/1.0/images/<segment:fingerprint>")
async def replace(caller: Caller, request: IRequest, fingerprint: str) -> JSON:
    """Replace what is said of an image."""
    await _update(caller, request, fingerprint, _replaced)
    return JSON({})


@routes.patch("/1.0/images/<segment:fingerprint>")
async def patch(caller: Caller, request: IRequest, fingerprint: str) -> JSON:
    """Change some of what is said of an image."""
    await _update(caller, request, fingerprint, _patched)
    return JSON({})


@routes.delete("/1.0/images/<segment:fingerprint>")
async def delete(caller: Caller, request: IRequest, fingerprint: str) -> Accepted:
    """Remove an image and its aliases."""
    name = found(caller, fingerprint).name
    await caller.host.images.delete(name)
    return caller.done("Deleting image", {"images": [image_url(name)]})


@routes.get("/1.0/images/<segment:fingerprint>/export")
def export(caller: Caller, request: IRequest, fingerprint: str) -> File | Form:
    """The file of an image, or a form of its two files."""
    known = found(caller, fingerprint)
    reply = exported(caller.host.images, known)
    if request.method == b"GET":
        caller.host.announcer.retrieved(known.name)
    return reply


async def _update(
    caller: Caller,
    request: IRequest,
    fingerprint: str,
    change: Callable[[Image, Body], Image],
) -> None:
    body = body_of(request)

    def rule(old: Image) -> Image:
        check_etag(request, image_etag(old))
        return change(old, body)

    await caller.host.images.update(found(caller, fingerprint).name, rule)


def _replaced(old: Image, body: Body) -> Image:
    return evolve(
        old,
        public=body.flag("public"),
        auto_update=body.flag("auto_update"),
        properties=without_empty(body.config("properties")),
        expires=_expiry(body, old),
    )


def _patched(old: Image, body: Body) -> Image:
    return evolve(
        old,
        public=body.flag("public", old.public),
        auto_update=body.flag("auto_update", old.auto_update),
        properties=patched_config(old.properties, body.maps("properties")),
        expires=_expiry(body, old),
    )


def _expiry(body: Body, old: Image) -> datetime:
    """When an image expires; a document that says nothing of that changes nothing."""
    text = body.text("expires_at")
    if not text:
        return old.expires
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadRequest(f"Invalid expires_at: {text!r} is no time") from None
    if moment.tzinfo is None:
        raise BadRequest(f"Invalid expires_at: {text!r} has no time zone")
    return moment
