"""``/1.0/config``: the keys and values that an instance may read."""

from __future__ import annotations

from twisted.web.iweb import IRequest

from devlxd.errors import Forbidden, NotFound
from devlxd.guest.admission import Guest
from devlxd.model.visibility import is_readable
from devlxd.web.replies import JSON, Raw
from devlxd.web.routes import Routes

routes: Routes[Guest] = Routes()


@routes.get("/1.0/config")
def keys(guest: Guest, request: IRequest) -> JSON:
    """The paths of all values: ``["/1.0/config/user.foo"]``."""
    return guest.documents.config


@routes.get("/1.0/config/<segment:key>")
def value(guest: Guest, request: IRequest, key: str) -> Raw:
    """The value of one key, byte for byte."""
    if not is_readable(key):
        raise Forbidden
    found = guest.documents.value(key)
    if found is None:
        raise NotFound
    return found
