"""The host API on a real socket, and the command that manages it."""

from __future__ import annotations

import io
import json
from typing import Any, TextIO, cast

from twisted.internet import reactor
from twisted.internet.interfaces import IReactorTime
from twisted.trial.unittest import TestCase

from devlxd.client.program import Shell, run
from devlxd.ctl.cli import PROGRAM
from devlxd.ctl.host import HostClient
from tests.client.program import Outcome
from tests.client.sockets import listening
from tests.host.talk import Talk

_reactor: Any = reactor


class Keyboard(io.StringIO):
    """Somebody who types."""

    def isatty(self) -> bool:
        """It is a terminal."""
        return True


async def command(
    *arguments: str, inp: TextIO | None = None, out: Any = None, **environ: str
) -> Outcome:
    """What comes of ``devlxdctl``."""
    written, err = io.BytesIO(), io.StringIO()
    shell = Shell(arguments, environ, out or written, err, inp=inp)
    code = await run(PROGRAM, cast(IReactorTime, reactor), shell)
    return Outcome(code, written.getvalue(), err.getvalue())


class CtlTestCase(TestCase):
    """
    Runs the command.

    :ivar path: the socket that it asks.
    """

    timeout = 20
    path: str

    async def ctl(self, *arguments: str, **others: Any) -> Outcome:
        """What comes of the command."""
        return await command("--socket", self.path, *arguments, **others)

    async def said(self, *arguments: str, **others: Any) -> str:
        """What the command writes, when it is done."""
        outcome = await self.ctl(*arguments, **others)
        self.assertEqual((outcome.code, outcome.err), (0, ""))
        return outcome.out.decode()

    async def document(self, *arguments: str) -> Any:
        """What the command writes for a program."""
        return json.loads(await self.said("--json", *arguments))

    async def failed(self, code: int, complaint: str, *arguments: str) -> None:
        """The command fails, and says this and nothing else."""
        self.assertEqual(
            await self.ctl(*arguments), Outcome(code, b"", f"devlxdctl: {complaint}\n")
        )


class HostTestCase(CtlTestCase):
    """
    Runs the command against a host.

    :ivar talk: the host.
    :ivar client: asks it.
    """

    def setUp(self) -> None:
        """Serve."""
        self.talk = Talk(clock=_reactor)
        self.addCleanup(self.talk.site.drain)
        self.path = listening(self, cast(Any, self.talk.site))
        self.client = HostClient.connect(_reactor, self.path)
