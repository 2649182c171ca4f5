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
    exporting = guest.compat.exporting
    is_allowed = exporting.is_allowed(guest.documents.state.config)
    if exporting.is_plain and not is_allowed:
        raise Forbidden
    try:
        if not is_allowed:
            raise Forbidden
        return _exported(guest, request, fingerprint)
    except Refusal as refusal:
        # In LXD this is the only one that refuses in the form of the operators' API.
        return _ENVELOPE.failure(refusal)


def _exported(guest: Guest, request: IRequest, fingerprint: str) -> File | Form:
    exporting = guest.compat.exporting
    image = exporting.chosen(guest.images, _project(request), fingerprint)
    try:
        streams = guest.images.open(image)
    except NotFound:
        raise exporting.refusal(fingerprint) from None
    except OSError as error:
        cast(Any, request).channel.site.cannot_send(error)
        raise Refusal from error
    if request.method == b"GET":
        guest.retrieved(image.name)
    return of_streams(image.files, streams)


def _project(request: IRequest) -> str:
    project: bytes = cast(Any, request).args.get(b"project", [b""])[0]
    return project.decode("utf-8", "replace")
