"""What guests are served."""

from __future__ import annotations

from time import time_ns

from twisted.application.service import Service
from twisted.internet.interfaces import IStreamServerEndpoint

from devlxd.assembly.data import Data
from devlxd.assembly.setting import Setting
from devlxd.events.feed import Feed
from devlxd.guest.api import guest_api
from devlxd.guest.dismissal import Dismissal
from devlxd.guest.door import Door
from devlxd.host.announcer import Announcer
from devlxd.interfaces import ILocator
from devlxd.service.endpoint import guest_endpoint
from devlxd.service.instancehomes import InstanceHomes
from devlxd.service.instancesockets import InstanceSockets
from devlxd.service.listener import Listener
from devlxd.service.statesocket import StateSocket
from devlxd.web.dialects import Plain
from devlxd.web.site import Site


def guest_listeners(
    setting: Setting, data: Data, locator: ILocator, announcer: Announcer
) -> list[Service]:
    """
    Where guests connect: instances with sockets of their own, and all others.

    :raises UsageError: when ``--guest`` is no endpoint.
    """
    options, reactor = setting.options, setting.reactor
    instances = data.store.instances
    door = Door(locator, instances, _share(setting))
    site = _site(setting, data, door, announcer)
    return [
        InstanceSockets(
            InstanceHomes(setting.state.instance_sockets),
            options["instance-sockets"],
            instances,
            site,
            door,
            setting.files.instance_sockets,
            reactor,
        ),
        Listener("guests", _endpoint(setting), site, reactor),
    ]


def _share(setting: Setting) -> int:
    wanted: int = setting.options["max-connections"]
    # Where all are one instance there is nobody to be kept out by it.
    assumed = setting.options["assume"] is not None
    return wanted if assumed else setting.files.of_one(wanted)


def _site(setting: Setting, data: Data, door: Door, announcer: Announcer) -> Site:
    compat, instances = setting.options["compat"], data.store.instances
    dialect = Plain(compat.words)
    api = guest_api(
        instances,
        data.images,
        _feed(setting, data),
        dialect,
        setting.server,
        readied=announcer.ready,
        retrieved=announcer.retrieved,
        compat=compat,
    )
    site = Site(api, door, dialect, setting.bounds, setting.reactor)
    instances.observe(Dismissal(site.end, compat.reading.is_served).notice)
    return site


def _feed(setting: Setting, data: Data) -> Feed:
    manner = setting.options["compat"].manner
    journal, reactor = data.store.journal, setting.reactor
    return Feed(journal, reactor, time_ns, setting.backlog, manner)


def _endpoint(setting: Setting) -> IStreamServerEndpoint:
    options, reactor = setting.options, setting.reactor
    if options["guest"] is not None:
        return guest_endpoint(options["guest"], reactor)
    return StateSocket(reactor, setting.state.guest_socket, options["guest-mode"])
