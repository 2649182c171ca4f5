"""The devlxd command as a program of its own."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from attrs import frozen
from twisted.internet.utils import getProcessOutputAndValue

import devlxd

ROOT = Path(devlxd.__file__).parents[1]
"""The directory in which a program finds the package."""

PROGRAM = ("-m", "devlxd.client.cli")
"""The command, for Python."""

FUNCTION = 'devlxd() { "$PYTHON" -m devlxd.client.cli "$@"; }\n'
"""The command, for a shell."""


@frozen
class Outcome:
    """What came of a command."""

    code: int
    out: bytes
    err: str


async def outcome(executable: str, *arguments: str, **environ: str) -> Outcome:
    """What comes of a program."""
    out, err, code = await getProcessOutputAndValue(
        executable, arguments, {**os.environ, **environ}, str(ROOT)
    )
    return Outcome(code, out, err.decode())


async def scripted(script: str, **environ: str) -> Outcome:
    """What comes of a shell script, to which ``devlxd`` is known."""
    environ["PYTHON"] = sys.executable
    return await outcome("/bin/sh", "-c", FUNCTION + script, **environ)
