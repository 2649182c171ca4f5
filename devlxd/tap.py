"""
What ``twistd devlxd`` runs.  Concrete parts meet here and in `devlxd.assembly` only.
"""

from __future__ import annotations

import sys
from pathlib import Path
from time import time_ns
from typing import Any

from twisted.application.service import IService
from twisted.python.usage import UsageError

from devlxd.assembly.data import Data
from devlxd.assembly.guests import guest_listeners
from devlxd.assembly.operators import host_listener, host_of
from devlxd.assembly.recognition import recognition, with_edits
from devlxd.assembly.setting import Setting
from devlxd.events.broadcast import Broadcast
from devlxd.host.announcer import Announcer
from devlxd.options import Options, leave
from devlxd.service.imagestore import ImageStore
from devlxd.service.lastwords import LastWords
from devlxd.service.whole import Devlxd
from devlxd.stores.writer import Writer

__all__ = ["Options", "makeService"]


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
    setting = Setting.of(options, reactor)
    data = Data.of(setting)
    who = recognition(setting, data.store.instances, proc)
    announcer = Announcer(Broadcast(reactor, time_ns, setting.backlog))
    host = host_of(setting, data, who.runtime, announcer)

    parts = (
        setting.files,
        setting.state,
        Writer(reactor, data.store),
        ImageStore(data.images),
        *with_edits(setting, data.store, who),
        host_listener(setting, host),
        *guest_listeners(setting, data, who.locator, announcer),
    )
    whole = Devlxd()
    for part in parts:
        part.setServiceParent(whole)
    return whole
