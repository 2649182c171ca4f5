"""The servers of the guest API that this one can answer like."""

from __future__ import annotations

from devlxd.errors import (
    BadRequest,
    Forbidden,
    NoSuchPath,
    NotFound,
    NotInContainer,
    Refusal,
)
from devlxd.events.manner import Manner
from devlxd.guest.compat import SHORT, About, Compat
from devlxd.guest.exporting import Exporting
from devlxd.model.reading import Reading
from devlxd.web.routing import AnyReads

__all__ = ["INCUS", "LXD_5_0", "LXD_6", "SERVERS"]

_HEADER = "#cloud-config\n"

_OLDER_WORDS = {
    BadRequest: "bad request",
    Forbidden: "not authorized",
    NoSuchPath: "404 page not found",
    NotFound: "not found",
    NotInContainer: "pid not in container?",
    Refusal: "internal server error",
}
"""Those before LXD 6.5, which Incus has kept."""

LXD_6 = Compat("lxd-6")

LXD_5_0 = Compat(
    "lxd-5.0",
    about=About(SHORT, tells_state=False, tells_location=False),
    reading=Reading(merges_ssh_keys=False, has_empty=True, header=_HEADER),
    manner=Manner(tells_updates=True, takes_any_origin=True, ping=b"keepalive"),
    routing=AnyReads(),
    exporting=Exporting(
        is_plain=True,
        takes_beginnings=True,
        missing="Image not found",
        elsewhere="Check if project has images: fetch project: Project not found",
    ),
    unguarded=("/",),
    words=_OLDER_WORDS,
)

_GUESTAPI = "security.guestapi"

INCUS = Compat(
    "incus",
    mount="/dev/incus",
    directory="guestapi",
    about=About(SHORT),
    reading=Reading(_GUESTAPI, merges_ssh_keys=False, has_empty=True, header=_HEADER),
    manner=Manner(
        _GUESTAPI, tells_updates=True, takes_any_origin=True, ping=b"keepalive"
    ),
    routing=AnyReads(apart=("/1.0",)),
    exporting=Exporting(
        f"{_GUESTAPI}.images", is_plain=True, missing="Image %s not found"
    ),
    unguarded=("/", "/1.0"),
    no_json="",
    words=_OLDER_WORDS,
)

SERVERS = {server.name: server for server in (LXD_6, LXD_5_0, INCUS)}
"""Each by its name."""
