"""``/1.0/meta-data``: what cloud-init asks first."""

from __future__ import annotations

from twisted.web.iweb import IRequest

from devlxd.guest.admission import Guest
from devlxd.web.replies import Raw
from devlxd.web.routes import Routes

routes: Routes[Guest] = Routes()


@routes.get("/1.0/meta-data")
def metadata(guest: Guest, request: IRequest) -> Raw:
    """The instance-id, the host name and ``user.meta-data``, as YAML."""
    return guest.documents.metadata
