"""Who is who."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from twisted.application.service import Service

from devlxd.assembly.setting import Setting
from devlxd.assembly.threads import in_thread
from devlxd.errors import CannotStart
from devlxd.host.registration import Registration
from devlxd.identity.discovery import Discovery
from devlxd.identity.namespaces import Namespaces
from devlxd.identity.registry import Registry
from devlxd.identity.runtimes.known import runtimes
from devlxd.identity.runtimes.naming import Naming
from devlxd.interfaces import IInstances
from devlxd.options import Options
from devlxd.service.assumption import Assumption
from devlxd.service.editedfile import EditedFile
from devlxd.service.filewatch import FileWatch
from devlxd.service.instancesfile import InstancesFile
from devlxd.service.privilege import may_examine_all
from devlxd.service.reason import reason
from devlxd.service.recognition import Recognition
from devlxd.stores.store import Store


def recognition(
    setting: Setting, instances: IInstances, proc: Path
) -> Assumption | Recognition:
    """
    How callers are told apart.

    :raises CannotStart: when this kernel or that ``/proc`` does not tell who calls.
    """
    options = setting.options
    if options["assume"] is not None:
        return Assumption(options["assume"], instances)
    try:
        namespaces = Namespaces.here(proc=proc)
    except (OSError, ValueError) as error:
        raise CannotStart(
            f"callers cannot be told apart: {reason(error)}; --assume does without"
        ) from error
    registry = Registry(namespaces, setting.reactor)
    registration = Registration(registry, instances)
    instances.observe(registration.forget_deleted)
    return Recognition(
        registry,
        registration,
        options["instances"],
        partial(may_examine_all, proc),
        _discovery(options, registry, namespaces, registration),
    )


def with_edits(
    setting: Setting, store: Store, who: Assumption | Recognition
) -> list[Service]:
    """Recognition, and an instances file that may tell of it, with its edits."""
    file, reactor = setting.options["instances"], setting.reactor
    if file is None:
        return [who]
    applied = InstancesFile(file, store, platform.machine(), lambda: datetime.now(UTC))
    acts = (applied.apply, who.follow)
    watching = partial(FileWatch, file.path, reactor)
    return [
        applied,
        who,
        EditedFile(file, acts, watching, reactor, in_thread(reactor)),
    ]


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
