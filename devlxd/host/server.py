"""``/`` and ``/1.0``: the API and the server behind it."""

from __future__ import annotations

import os
import platform

from twisted.web.iweb import IRequest

from devlxd import __version__
from devlxd.host.admission import Caller
from devlxd.host.documents import Document
from devlxd.web.replies import JSON
from devlxd.web.routes import Routes

routes: Routes[Caller] = Routes()

EXTENSIONS = (
    "etag",
    "patch",
    "container_full",
    "image_types",
    "restrict_devlxd",
    "devlxd_events",
    "devlxd_images",
    "event_lifecycle",
    "instances",
    "projects",
    "profiles_usedby",
    "api_filtering",
    "cloud_init",
    "instance_ready_state",
    # What lxc asks for before it lets its users do what is there.
    "container_backup",
    "instance_all_projects",
    "instance_get_full",
)
"""The extensions of LXD's API that clients may rely on here."""


@routes.get("/")
def versions(caller: Caller, request: IRequest) -> JSON:
    """The versions of the API that there are."""
    return JSON(["/1.0"])


@routes.get("/1.0")
def server(caller: Caller, request: IRequest) -> JSON:
    """The server, and what it can do."""
    return JSON(
        {
            "config": {},
            "api_extensions": list(EXTENSIONS),
            "api_status": "stable",
            "api_version": "1.0",
            "auth": "trusted",
            "public": False,
            "auth_methods": ["tls"],
            "environment": _environment(caller),
        }
    )


def _environment(caller: Caller) -> Document:
    system = os.uname()
    return {
        "addresses": [],
        "architectures": [system.machine],
        "certificate": "",
        "certificate_fingerprint": "",
        "driver": "none",
        "driver_version": "",
        "firewall": "",
        "kernel": system.sysname,
        "kernel_architecture": system.machine,
        "kernel_features": {},
        "kernel_version": system.release,
        "lxc_features": {},
        "os_name": platform.system(),
        "os_version": "",
        "project": caller.project,
        "server": "devlxd",
        "server_clustered": False,
        "server_event_mode": "full-mesh",
        "server_name": caller.host.server,
        "server_pid": os.getpid(),
        "server_version": __version__,
        "storage": "",
        "storage_version": "",
        "storage_supported_drivers": [],
    }
