"""The devlxd command, in the process of the tests."""

from __future__ import annotations

import io
from typing import Any, cast

from twisted.internet import reactor
from twisted.internet.interfaces import IReactorTime
from twisted.trial.unittest import TestCase

from devlxd.client.cli import Shell, run
from tests.client.program import Outcome


class CommandTestCase(TestCase):
    """Runs the command."""

    async def command(self, *arguments: str, out: Any = None) -> Outcome:
        """What comes of these arguments."""
        written = io.BytesIO()
        err = io.StringIO()
        shell = Shell(arguments, {}, out or written, err)
        code = await run(cast(IReactorTime, reactor), shell)
        return Outcome(code, written.getvalue(), err.getvalue())

    async def ask(self, path: str, *arguments: str) -> Outcome:
        """What comes of these arguments, where this is the socket."""
        return await self.command("--socket", path, *arguments)
