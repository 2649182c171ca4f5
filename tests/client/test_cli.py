"""Tests of devlxd.client.cli, in process."""

from __future__ import annotations

import io
import json
import os
from typing import Any, cast

from twisted.internet import reactor
from twisted.internet.interfaces import IReactorTime

from devlxd.client.cli import Shell, run
from tests.client.commands import CommandTestCase
from tests.client.program import Outcome
from tests.client.service import MAIN, Always, GuestService, site
from tests.client.sockets import be_nobody, directory, listening
from tests.client.wire import saying, silent

CONFIG = {b"user.a": b"one", b"user.b": b"\xff\x00\n\n"}
DEVICES = {"root": {"type": "disk", "path": "/"}}


class DoneTests(CommandTestCase):
    """Every command, when all is well."""

    def setUp(self) -> None:
        """A service with something of everything."""
        self.service = GuestService(config=CONFIG, devices=DEVICES)
        self.path = listening(self, site(self.service))

    async def said(self, *arguments: str) -> bytes:
        """What a command writes, when it is done."""
        said = await self.ask(self.path, *arguments)
        self.assertEqual((said.code, said.err), (0, ""))
        return said.out

    async def document(self, *arguments: str) -> object:
        """What a command writes for a program."""
        return json.loads(await self.said("--json", *arguments))

    async def test_info(self) -> None:
        """What the host says is printed in two columns, or as it is."""
        self.assertIn(b"location:         host1\n", await self.said("info"))
        self.assertEqual(await self.document("info"), MAIN)

    async def test_config_list(self) -> None:
        """Keys are printed one a line, or as an array."""
        self.assertEqual(await self.said("config", "list"), b"user.a\nuser.b\n")
        self.assertEqual(await self.document("config", "list"), ["user.a", "user.b"])

    async def test_config_get(self) -> None:
        """A value is printed to the byte, or as a string."""
        self.assertEqual(await self.said("config", "get", "user.a"), b"one")
        self.assertEqual(await self.said("config", "get", "user.b"), b"\xff\x00\n\n")
        self.assertEqual(
            await self.document("config", "get", "user.b"), "\udcff\x00\n\n"
        )

    async def test_config_show(self) -> None:
        """Keys are printed with their values, or as an object."""
        self.assertEqual(
            await self.said("config", "show"),
            b"user.a: one\nuser.b: |\n  \\udcff\\x00\n\n",
        )
        self.assertEqual(
            await self.document("config", "show"),
            {"user.a": "one", "user.b": "\udcff\x00\n\n"},
        )

    async def test_devices(self) -> None:
        """Devices are printed with their keys, or as an object."""
        self.assertEqual(
            await self.said("devices"), b"root:\n  path: /\n  type: disk\n"
        )
        self.assertEqual(await self.document("devices"), DEVICES)

    async def test_metadata(self) -> None:
        """The meta-data is printed as it is, or as a string."""
        text = "instance-id: 1\nlocal-hostname: c1\n"
        self.assertEqual(await self.said("metadata"), text.encode())
        self.assertEqual(await self.document("metadata"), text)

    async def test_ready(self) -> None:
        """The host is told that the instance is ready, and people need no answer."""
        self.assertEqual(await self.said("ready"), b"")
        self.assertEqual(self.service.document["state"], "Ready")
        self.assertEqual(await self.document("ready"), {"state": "Ready"})

    async def test_environment(self) -> None:
        """The socket may be named by the environment."""
        out = io.BytesIO()
        shell = Shell(
            ["config", "list"], {"DEVLXD_SOCKET": self.path}, out, io.StringIO()
        )
        self.assertEqual(await run(cast(IReactorTime, reactor), shell), 0)
        self.assertEqual(out.getvalue(), b"user.a\nuser.b\n")


class FailedTests(CommandTestCase):
    """Every exit code, and what is said with it."""

    async def failed(self, code: int, complaint: str, *arguments: str) -> None:
        """A command fails with this code, and says this and nothing else."""
        self.assertEqual(
            await self.command(*arguments), Outcome(code, b"", f"devlxd: {complaint}\n")
        )

    async def test_refused(self) -> None:
        """When the service refuses, its reason stands behind what was asked: 1."""
        path = listening(
            self, site(Always(500, b"Process ID not found in container\n"))
        )
        complaint = "info: Process ID not found in container"
        await self.failed(1, complaint, "--socket", path, "info")

    async def test_long_reason(self) -> None:
        """A service that says too much, and on several lines, is cut short."""
        path = listening(self, site(Always(500, b"<html>\n" + b"x" * 10_000)))
        said = await self.ask(path, "info")
        self.assertEqual(said.code, 1)
        self.assertTrue(said.err.startswith("devlxd: info: <html>\\nxxx"))
        self.assertLess(len(said.err), 600)

    async def test_nonsense(self) -> None:
        """When the answer is of no use: 1."""
        path = listening(self, saying(b"SSH-2.0-OpenSSH_9.2\r\n"))
        await self.failed(
            1,
            f"{path}: GET /1.0 was answered with something that is not HTTP; "
            "is it LXD's guest API that listens there?",
            "--socket",
            path,
            "info",
        )

    async def test_lost(self) -> None:
        """When the service closes the connection: 1."""
        path = listening(self, saying(b""))
        self.assertEqual((await self.ask(path, "info")).code, 1)

    async def test_usage(self) -> None:
        """When the command line is wrong: 2."""
        await self.failed(
            2,
            "the following arguments are required: KEY; see devlxd config get --help",
            "config",
            "get",
        )

    async def test_no_service(self) -> None:
        """When there is no service: 3."""
        path = f"{directory(self)}/sock"
        await self.failed(
            3,
            f"{path}: no such socket; "
            "is this an instance, and does its host share the socket?",
            "--socket",
            path,
            "info",
        )
        self.assertEqual((await self.ask(__file__, "info")).code, 3)

    async def test_not_found(self) -> None:
        """When there is no such key, it is named: 4."""
        path = listening(self, site(GuestService()))
        await self.failed(
            4,
            "config get user.x: Not Found",
            "--socket",
            path,
            "config",
            "get",
            "user.x",
        )

    async def test_not_allowed(self) -> None:
        """When the instance may not read a key, or its user may not ask: 5."""
        path = listening(self, site(GuestService()))
        await self.failed(
            5, "config get boot: Forbidden", "--socket", path, "config", "get", "boot"
        )
        path = listening(self, site(Always(401, b"Access denied for non-root user\n")))
        await self.failed(
            5, "devices: Access denied for non-root user", "--socket", path, "devices"
        )

    async def test_not_permitted(self) -> None:
        """When the user may not use the socket: 5."""
        path = listening(self, site(GuestService()))
        os.chmod(path, 0)  # noqa: PTH101
        be_nobody(self)
        self.assertEqual((await self.ask(path, "info")).code, 5)

    async def test_timed_out(self) -> None:
        """When the answer takes too long: 6."""
        path = listening(self, silent())
        await self.failed(
            6,
            f"{path}: no answer within 0.05 s; ask again, or allow more time",
            "--socket",
            path,
            "--timeout",
            "0.05",
            "info",
        )

    async def test_full(self) -> None:
        """When the output cannot be written, help included: 1."""
        path = listening(self, site(GuestService()))
        with io.FileIO("/dev/full", "w") as full:
            for arguments in (["--socket", path, "info"], ["--help"]):
                self.assertEqual(
                    await self.command(*arguments, out=full),
                    Outcome(
                        1,
                        b"",
                        "devlxd: cannot write the output: No space left on device\n",
                    ),
                )

    async def test_nobody_reads(self) -> None:
        """When nobody reads the output any more, that is all right: 0."""
        path = listening(self, site(GuestService()))
        reading, writing = os.pipe()
        os.close(reading)
        with io.FileIO(writing, "w") as out:
            for arguments in (["--socket", path, "info"], ["--help"]):
                self.assertEqual(
                    await self.command(*arguments, out=out), Outcome(0, b"", "")
                )

    async def test_nobody_hears(self) -> None:
        """Where a complaint cannot be written either, the exit code says enough."""
        with io.FileIO("/dev/full", "w") as full:
            err = io.TextIOWrapper(cast(Any, full), write_through=True)
            shell = Shell(["--socket", "/nowhere", "info"], {}, io.BytesIO(), err)
            self.assertEqual(await run(cast(IReactorTime, reactor), shell), 3)
