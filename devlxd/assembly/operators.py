"""What operators are served."""

from __future__ import annotations

from attrs import evolve

from devlxd.assembly.data import Data, new_uuid
from devlxd.assembly.setting import Setting
from devlxd.host.admission import Host, HostAdmission
from devlxd.host.announcer import Announcer
from devlxd.host.api import host_api
from devlxd.host.door import HostDoor
from devlxd.host.imagesink import ImageIntake
from devlxd.host.operations import Operations
from devlxd.host.projectlist import Projects
from devlxd.interfaces import IRuntime
from devlxd.service.listener import Listener
from devlxd.service.openfiles import OPERATORS
from devlxd.service.statesocket import StateSocket
from devlxd.web.dialects import Envelope
from devlxd.web.site import Site

_BODY = 64 << 20
"""Bytes of a request: user-data may be large."""


def host_of(
    setting: Setting, data: Data, runtime: IRuntime, announcer: Announcer
) -> Host:
    """What there is to manage."""
    store = data.store
    return Host(
        store=store,
        instances=store.instances,
        profiles=store.profiles,
        projects=Projects(store, store.instances, store.profiles, data.images),
        runtime=runtime,
        operations=Operations(new_uuid),
        server=setting.server,
        announcer=announcer,
        images=data.images,
        aliases=store.aliases,
    )


def host_listener(setting: Setting, host: Host) -> Listener:
    """Where operators connect."""
    options, reactor = setting.options, setting.reactor
    path, group = setting.state.host_socket, options["host-group"]
    endpoint = StateSocket(reactor, path, options["host-mode"], group)
    site = Site(
        host_api(host),
        HostDoor(group),
        Envelope(),
        evolve(setting.bounds, body=_BODY, connections=OPERATORS),
        reactor,
        ImageIntake(HostAdmission(host)),
    )
    return Listener("operators", endpoint, site, reactor)
