"""Everything in docs/devlxdctl.md that can be tried is tried, on the host itself."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from devlxd.ctl.commands import COMMANDS
from tests.client.program import outcome
from tests.ctl.hosting import HostTestCase
from tests.need import need_checkout

FUNCTION = 'devlxdctl() { "$PYTHON" -m devlxd.ctl.cli "$@"; }\n'
"""The command, for a shell."""


def manual() -> str:
    """The page."""
    return (need_checkout() / "docs" / "devlxdctl.md").read_text()


def blocks(kind: str) -> Iterator[str]:
    """The blocks of a kind, in their order."""
    yield from re.findall(rf"^```{kind}\n(.*?)^```$", manual(), re.M | re.S)


class ManualTests(HostTestCase):
    """The examples of the manual."""

    timeout = 60

    async def shell(self, script: str) -> str:
        """What a script prints, failures included."""
        said = await outcome(
            "/bin/sh",
            "-c",
            f"{FUNCTION}{{ {script}\n}} 2>&1",
            PYTHON=sys.executable,
            DEVLXD_HOST_SOCKET=self.path,
        )
        return said.out.decode()

    async def test_command(self) -> None:
        """Each command prints what the manual shows."""
        for block in blocks("console"):
            for example in block.split("$ ")[1:]:
                typed, _, seen = example.partition("\n")
                # On a terminal a newline follows, and this is none.
                said = await self.shell(typed)
                self.assertEqual(said.rstrip("\n"), seen.rstrip("\n"), typed)

    async def test_program(self) -> None:
        """The program of the manual runs, where the socket is in its place."""
        await self.said("create", "c1", "--config", "user.role=web")
        (program,) = blocks("python")
        program = program.replace("/var/lib/devlxd/unix.socket", self.path)
        said = await outcome(sys.executable, "-c", program)
        self.assertEqual((said.out, said.err), (b"c1 web\n", ""))

    def test_complete(self) -> None:
        """Every command is in the manual."""
        for command in COMMANDS:
            self.assertIn(f"`{command.words[0]}", manual())
