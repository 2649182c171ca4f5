"""Everything in docs/client.md that can be tried is tried."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from hashlib import sha256
from inspect import CO_COROUTINE, iscoroutinefunction
from types import FunctionType
from typing import Any

from twisted.trial.unittest import TestCase

from devlxd.client.commands import COMMANDS
from devlxd.client.guest import GuestClient
from tests.client.eventservice import line
from tests.client.program import Outcome, outcome, scripted
from tests.client.service import IMAGE, GuestService, site
from tests.client.sockets import client_of, directory, listening
from tests.need import need_checkout

NIC = {"name": "eth1", "type": "nic"}


def blocks(kind: str) -> Iterator[str]:
    """The blocks of a kind, in their order."""
    manual = (need_checkout() / "docs" / "client.md").read_text()
    yield from re.findall(rf"^```{kind}\n(.*?)^```$", manual, re.M | re.S)


def examples(kind: str, prompt: str) -> Iterator[tuple[str, str]]:
    """What is typed, a line each, and what is then seen."""
    for block in blocks(kind):
        for example in block.split(prompt)[1:]:
            typed, _, seen = example.partition("\n")
            yield typed, seen


def service() -> GuestService:
    """The instance of the manual."""
    return GuestService(
        config={
            b"user.motd": b"Welcome to c1\n",
            b"cloud-init.user-data": b"#cloud-config\npackages: [jq]\n",
        },
        devices={
            "root": {"type": "disk", "path": "/"},
            "eth0": {"type": "nic", "hwaddr": "00:16:3e:12:34:56"},
        },
        told=[
            line("config", {"key": "user.role", "old_value": "web", "value": "db"}, 1),
            line("device", {"action": "added", "config": NIC, "name": "eth1"}, 2),
        ],
        metadata=b"instance-id: 4ce4a07c-6bb6-4c0f-9a02-2a4a1f2ee0b1\n"
        b"local-hostname: c1\n",
    )


async def evaluated(expression: str, names: dict[str, Any]) -> object:
    """The value of an expression, which may await."""
    code = compile(expression, "docs/client.md", "eval", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    value = FunctionType(code, names)()
    return await value if code.co_flags & CO_COROUTINE else value


class ManualTests(TestCase):
    """The examples of the manual."""

    async def test_command(self) -> None:
        """Each command prints what the manual shows."""
        path = listening(self, site(service()))
        for typed, seen in examples("console", "$ "):
            said = await scripted(f"{{ {typed}\n}} 2>&1", DEVLXD_SOCKET=path)
            self.assertEqual(said.out.decode(), seen, typed)

    async def test_methods(self) -> None:
        """Each method gives what the manual shows."""
        client = client_of(listening(self, site(service())))
        temporary = directory(self)
        for typed, seen in examples("pycon", ">>> "):
            typed = typed.replace("/tmp", temporary)
            names = {"client": client, "fingerprint": sha256(IMAGE).hexdigest()}
            value = await evaluated(typed, names)
            self.assertEqual("" if value is None else f"{value!r}\n", seen, typed)

    def test_complete(self) -> None:
        """Every command and every method has an example."""
        shell = "".join(typed for typed, _ in examples("console", "$ "))
        for command in COMMANDS:
            self.assertIn(" ".join(["devlxd", *command.words]), shell)
        python = "".join(typed for typed, _ in examples("pycon", ">>> "))
        for name, method in vars(GuestClient).items():
            if iscoroutinefunction(method):
                self.assertIn(f"await client.{name}(", python)

    async def test_programs(self) -> None:
        """The programs of the manual run, where the socket is in its place."""
        instance = service()
        path = listening(self, site(instance))
        first, second = (
            program.replace("(reactor)\n", f"(reactor, {path!r})\n")
            for program in blocks("python")
        )
        self.assertEqual(
            await outcome(sys.executable, "-c", first),
            Outcome(0, b"port 8080\n", ""),
        )
        self.assertEqual(instance.document["state"], "Ready")
        self.assertEqual(
            await outcome(sys.executable, "-c", second),
            Outcome(0, b"now a db\n", ""),
        )
