"""
``/1.0/images``: what an instance that hosts instances itself can make them from, so
that it need not fetch what its own host has.

LXD's clients ask here first, whenever they run as root and are to fetch an image.
"""

from __future__ import annotations

from typing import Any, cast

from twisted.web.iweb import IRequest

from devlxd.errors import Forbidden, NotFound, Refusal
from devlxd.guest.admission import Guest
from devlxd.model.image import Image
from devlxd.model.names import DEFAULT_PROJECT
from devlxd.model.visibility import may_export
from devlxd.web.dialects import Envelope
from devlxd.web.replies import Answer, File, Form, of_streams
from devlxd.web.routes import Routes

routes: Routes[Guest] = Routes()

_ENVELOPE = Envelope()


@routes.get("/1.0/images/<segment:fingerprint>/export")
def export(guest: Guest, request: IRequest, fingerprint: str) -> File | Form | Answer:
    """
    The file of an image, or a form of its two files.

    It has to be public or cached, and ``security.devlxd.images`` be true.
    """
    try:
        return _exported(guest, request, fingerprint)
    except Refusal as refusal:
        # In LXD this is the only one that refuses in the form of the operators' API.
        return _ENVELOPE.failure(refusal)


def _exported(guest: Guest, request: IRequest, fingerprint: str) -> File | Form:
    image = _found(guest, request, fingerprint)
    try:
        streams = guest.images.open(image)
    except NotFound:
        raise NotFound from None
    except OSError as error:
        cast(Any, request).channel.site.cannot_send(error)
        raise Refusal from error
    if request.method == b"GET":
        guest.retrieved(image.name)
    return of_streams(image.files, streams)


def _found(guest: Guest, request: IRequest, fingerprint: str) -> Image:
    """
    :raises Forbidden: when the instance may have no image.
    :raises NotFound: when it may not have this one, be it there or not.
    """
    if not may_export(guest.documents.state.config):
        raise Forbidden
    try:
        image = guest.images.get(_project(request), fingerprint)
    except NotFound:
        raise NotFound from None
    if not (image.public or image.cached):
        raise NotFound
    return image


def _project(request: IRequest) -> str:
    """
    :raises NotFound: when it is not the only one whose images guests may have.
    """
    project = cast(Any, request).args.get(b"project", [b""])[0]
    if project not in (b"", DEFAULT_PROJECT.encode()):
        raise NotFound
    return DEFAULT_PROJECT
