"""Real sockets, and who asks through them."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Coroutine
from typing import Any, cast

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.protocol import Factory
from twisted.internet.task import deferLater
from twisted.trial.unittest import SynchronousTestCase, TestCase

from devlxd.client.guest import GuestClient

NOBODY = 65534
"""A user who owns nothing; the kernel's own ``overflowuid``."""


def directory(test: SynchronousTestCase) -> str:
    """
    A directory for as long as a test runs.  Its path is short enough for sockets, and
    others than root may go there.
    """
    path = tempfile.mkdtemp(prefix="devlxd-")
    test.addCleanup(shutil.rmtree, path)
    os.chmod(path, 0o755)  # noqa: PTH101, S103
    return path


def be_nobody(test: SynchronousTestCase) -> None:
    """Have no rights beyond an ordinary user's for the rest of a test."""
    if os.geteuid() == 0:
        test.addCleanup(os.seteuid, 0)
        os.seteuid(NOBODY)


def listening(test: SynchronousTestCase, factory: Factory[Any]) -> str:
    """The path of a socket on which a factory listens for as long as a test runs."""
    path = f"{directory(test)}/sock"
    port = cast(Any, reactor).listenUNIX(path, factory, mode=0o600)
    test.addCleanup(port.stopListening)
    return path


def client_of(path: str, timeout: float = 10.0) -> GuestClient:
    """A client of the service at a socket."""
    return GuestClient.connect(cast(IReactorTime, reactor), path, timeout)


def later(seconds: float) -> Deferred[None]:
    """Fires when so much time is over."""
    return deferLater(cast(Any, reactor), seconds, lambda: None)


class SocketTestCase(TestCase):
    """Asks services on real sockets."""

    async def complaint(
        self, question: Coroutine[Any, Any, object], kind: type[Exception]
    ) -> str:
        """What a question fails with; it is of exactly this class."""
        with self.assertRaises(kind) as caught:
            await question
        self.assertIs(type(caught.exception), kind)
        self.assertNotIn("\n", str(caught.exception))
        return str(caught.exception)
