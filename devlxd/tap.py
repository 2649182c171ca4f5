"""
What ``twistd devlxd`` runs: the only place where concrete parts meet.
"""

from __future__ import annotations

import platform
import socket
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import time_ns
from typing import Any, TypeVar
from uuid import uuid4

from attrs import evolve
from twisted.application.service import IService, Service
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IStreamServerEndpoint
from twisted.internet.threads import deferToThreadPool
from twisted.python.usage import UsageError

from devlxd.errors import CannotStart
from devlxd.events.broadcast import Broadcast
from devlxd.events.feed import Feed
from devlxd.events.sink import Backlog
from devlxd.guest.api import guest_api
from devlxd.guest.dismissal import Dismissal
from devlxd.guest.door import Door
from devlxd.host.admission import Host, HostAdmission
from devlxd.host.announcer import Announcer
from devlxd.host.api import host_api
from devlxd.host.door import HostDoor
from devlxd.host.imagesink import ImageIntake
from devlxd.host.operations import Operations
from devlxd.host.projectlist import Projects
from devlxd.host.registration import Registration
from devlxd.identity.discovery import Discovery
from devlxd.identity.namespaces import Namespaces
from devlxd.identity.registry import Registry
from devlxd.identity.runtimes.known import runtimes
from devlxd.identity.runtimes.naming import Naming
from devlxd.interfaces import IImages, IInstances, IRuntime
from devlxd.options import Options, leave
from devlxd.service.assumption import Assumption
from devlxd.service.editedfile import EditedFile
from devlxd.service.endpoint import guest_endpoint
from devlxd.service.filewatch import FileWatch
from devlxd.service.imagestore import ImageStore
from devlxd.service.instancehomes import InstanceHomes
from devlxd.service.instancesfile import InstancesFile
from devlxd.service.instancesockets import InstanceSockets
from devlxd.service.lastwords import LastWords
from devlxd.service.listener import Listener
from devlxd.service.openfiles import OPERATORS, OpenFiles
from devlxd.service.privilege import may_examine_all
from devlxd.service.reason import reason
from devlxd.service.recognition import Recognition
from devlxd.service.statedirectory import StateDirectory
from devlxd.service.statesocket import StateSocket
from devlxd.service.whole import Devlxd
from devlxd.stores.backend import Run
from devlxd.stores.imagedirectory import ImageDirectory, ImageLimits
from devlxd.stores.imagefiles import ImageFiles
from devlxd.stores.memory import Memory
from devlxd.stores.sqlite import SQLite
from devlxd.stores.store import Store
from devlxd.stores.writer import Writer
from devlxd.web.bounds import Bounds
from devlxd.web.dialects import Envelope, Plain
from devlxd.web.site import Site

__all__ = ["Options", "makeService"]

_HOST_BODY = 64 << 20
"""Bytes of an operator's request: user-data may be large."""

T = TypeVar("T")


def makeService(options: Options) -> IService:
    """The service, put together; nothing of it has touched the machine yet."""
    from twisted.internet import reactor

    sys.excepthook = LastWords(sys.stderr, sys.excepthook)
    try:
        return make_service(options, reactor)
    except UsageError as error:
        leave(error)


def make_service(options: Options, reactor: Any, proc: Path = Path("/proc")) -> Devlxd:
    """
    The service on a reactor of the caller's choice.

    :param options: that were parsed.
    :param proc: where ``/proc`` is.
    :raises UsageError: when ``--guest`` is no endpoint.
    :raises CannotStart: when this kernel or that ``/proc`` does not tell who calls.
    """
    files = OpenFiles.of_this_process()
    state = StateDirectory(options["state-dir"], options["compat"].directory)
    store = Store(_backend(options, state), _new_uuid, time_ns)
    images = _images(options, state, store, reactor)
    who = _recognition(options, store.instances, reactor, proc)
    backlog = Backlog(options["queue-events"], options["queue-bytes"])
    announcer = Announcer(Broadcast(reactor, time_ns, backlog))
    host = _host(store, images, who.runtime, announcer)
    compat = options["compat"]
    dialect = Plain(compat.words)
    feed = Feed(store.journal, reactor, time_ns, backlog, compat.manner)
    guests = guest_api(
        store.instances,
        images,
        feed,
        dialect,
        host.server,
        readied=announcer.ready,
        retrieved=announcer.retrieved,
        compat=compat,
    )
    door = Door(who.locator, store.instances, options["max-connections"])
    bounds = _bounds(options, files)
    site = Site(guests, door, dialect, bounds, reactor)
    store.instances.observe(Dismissal(site.end, compat.reading.is_served).notice)

    parts = (
        files,
        state,
        Writer(reactor, store),
        ImageStore(images),
        *_with_edits(options, store, who, reactor),
        _host_listener(options, state, host, bounds, reactor),
        InstanceSockets(
            InstanceHomes(state.instance_sockets),
            options["instance-sockets"],
            store.instances,
            site,
            door,
            files.instance_sockets,
            reactor,
        ),
        Listener("guests", _guest_endpoint(options, state, reactor), site, reactor),
    )
    whole = Devlxd()
    for part in parts:
        part.setServiceParent(whole)
    return whole


def _new_uuid() -> str:
    return str(uuid4())


def _backend(options: Options, state: StateDirectory) -> Memory | SQLite:
    keep = options["keep-events"]
    if options["store"] == "sqlite":
        return SQLite(state.database, keep=keep)
    return Memory(keep=keep)


def _images(
    options: Options, state: StateDirectory, store: Store, reactor: Any
) -> ImageDirectory:
    path = state.images if options["store"] == "sqlite" else state.passing_images
    limits = ImageLimits(options["max-image-size"], options["max-images"])
    run = _in_thread(reactor)
    return ImageDirectory(store.images, ImageFiles(path), run, limits)


def _with_edits(
    options: Options, store: Store, who: Assumption | Recognition, reactor: Any
) -> list[Service]:
    """Who is who, which an instances file and its edits may tell."""
    file = options["instances"]
    if file is None:
        return [who]
    applied = InstancesFile(file, store, platform.machine(), lambda: datetime.now(UTC))
    acts = (applied.apply, who.follow)
    watching = partial(FileWatch, file.path, reactor)
    edited = EditedFile(file, acts, watching, reactor, _in_thread(reactor))
    return [applied, who, edited]


def _in_thread(reactor: Any) -> Run:
    def run(work: Callable[[], T], /) -> Deferred[T]:
        return deferToThreadPool(reactor, reactor.getThreadPool(), work)

    return run


def _recognition(
    options: Options, instances: IInstances, reactor: Any, proc: Path
) -> Assumption | Recognition:
    if options["assume"] is not None:
        return Assumption(options["assume"], instances)
    try:
        namespaces = Namespaces.here(proc=proc)
    except (OSError, ValueError) as error:
        raise CannotStart(
            f"callers cannot be told apart: {reason(error)}; --assume does without"
        ) from error
    registry = Registry(namespaces, reactor)
    registration = Registration(registry, instances)
    instances.observe(registration.forget_deleted)
    return Recognition(
        registry,
        registration,
        options["instances"],
        partial(may_examine_all, proc),
        _discovery(options, registry, namespaces, registration),
    )


def _discovery(
    options: Options,
    registry: Registry,
    namespaces: Namespaces,
    registration: Registration,
) -> Discovery | None:
    names, lxc, lxd = (options[x] for x in ("runtime", "lxc-path", "lxd-path"))
    if not names:
        return None
    believed = runtimes(names, lxc, lxd)
    naming = options["map"] or Naming()
    return Discovery(registry, namespaces, believed, naming, registration.found)


def _host(
    store: Store, images: IImages, runtime: IRuntime, announcer: Announcer
) -> Host:
    return Host(
        store=store,
        instances=store.instances,
        profiles=store.profiles,
        projects=Projects(store, store.instances, store.profiles, images),
        runtime=runtime,
        operations=Operations(_new_uuid),
        server=socket.gethostname(),
        announcer=announcer,
        images=images,
        aliases=store.aliases,
    )


def _bounds(options: Options, files: OpenFiles) -> Bounds:
    return Bounds(
        head=options["max-head"],
        body=options["max-body"],
        head_time=options["head-time"],
        idle_time=options["idle-time"],
        connections=files.connections,
    )


def _host_listener(
    options: Options, state: StateDirectory, host: Host, bounds: Bounds, reactor: Any
) -> Listener:
    group = options["host-group"]
    endpoint = StateSocket(reactor, state.host_socket, options["host-mode"], group)
    site = Site(
        host_api(host),
        HostDoor(group),
        Envelope(),
        evolve(bounds, body=_HOST_BODY, connections=OPERATORS),
        reactor,
        ImageIntake(HostAdmission(host)),
    )
    return Listener("operators", endpoint, site, reactor)


def _guest_endpoint(
    options: Options, state: StateDirectory, reactor: Any
) -> IStreamServerEndpoint:
    if options["guest"] is not None:
        return guest_endpoint(options["guest"], reactor)
    return StateSocket(reactor, state.guest_socket, options["guest-mode"])
