"""``/`` and ``/1.0``: the API and the instance's own state."""

from __future__ import annotations

from functools import partial

from twisted.web.iweb import IRequest

from devlxd.errors import BadRequest, Refusal
from devlxd.guest.admission import Guest
from devlxd.model import lifecycle
from devlxd.web import gojson
from devlxd.web.replies import JSON, Raw
from devlxd.web.routes import Routes

routes: Routes[Guest] = Routes()

_VERSIONS = JSON(["/1.0"])
_STATES = {"Ready": True, "Started": False}


@routes.get("/")
def versions(guest: Guest, request: IRequest) -> JSON:
    """The versions of the API that there are: ``["/1.0"]``."""
    return _VERSIONS


@routes.get("/1.0")
def about(guest: Guest, request: IRequest) -> JSON:
    """The state, type and location of the instance, and the version of the API."""
    return guest.documents.about


@routes.patch("/1.0")
async def change_state(guest: Guest, request: IRequest) -> Raw:
    """Tell the host that the instance is ``Ready`` for use, or only ``Started``."""
    is_ready = _wanted_state(request.content.read(), guest.compat.no_json)
    try:
        await guest.instances.update(
            guest.name, partial(lifecycle.ready, is_ready=is_ready)
        )
    except Refusal as refusal:
        raise Refusal(f"Failed setting instance state: {refusal.text}") from refusal
    if is_ready:
        guest.readied(guest.name)
    return Raw(b"")


def _wanted_state(body: bytes, no_json: str) -> bool:
    """
    Whether the body asks for ``Ready``.

    :param no_json: what stands before the decoder's words.
    :raises BadRequest: when it asks for nothing that there is.
    """
    try:
        state = gojson.load_string_field(body, "state", "api.DevLXDPut")
    except gojson.BadJSON as error:
        raise BadRequest(f"{no_json}{error}") from error
    if state not in _STATES:
        raise BadRequest(f"Invalid state {gojson.quote(state)}")
    return _STATES[state]
