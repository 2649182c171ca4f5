"""Tests of the devlxd command, in process and as a program."""

from __future__ import annotations

import io
import json
import os
import sys
from signal import SIGINT, SIGTERM
from typing import Any, cast

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.error import ProcessTerminated
from twisted.internet.interfaces import IReactorTime
from twisted.internet.protocol import ProcessProtocol
from twisted.python.failure import Failure
from twisted.trial.unittest import TestCase

from devlxd.client.cli import Shell, run
from tests.client.program import PROGRAM, ROOT, Outcome, outcome, scripted
from tests.client.service import (
    MAIN,
    Always,
    GuestService,
    be_nobody,
    directory,
    listening,
    site,
)
from tests.client.wire import Tally, endless, saying, silent

CONFIG = {b"user.a": b"one", b"user.b": b"\xff\x00\n\n"}
DEVICES = {"root": {"type": "disk", "path": "/"}}


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


class Interrupted(ProcessProtocol):
    """A program that is sent a signal."""

    def __init__(self) -> None:
        self.err = b""
        self.ended: Deferred[int | None] = Deferred()

    def errReceived(self, data: bytes) -> None:
        """It complains."""
        self.err += data

    def processEnded(self, reason: Failure) -> None:
        """It is over, with an exit code or by a signal."""
        self.ended.callback(cast(ProcessTerminated, reason.value).exitCode)


class ProgramTests(TestCase):
    """``python -m devlxd.client.cli``"""

    async def devlxd(self, *arguments: str, **environ: str) -> Outcome:
        """What comes of the command."""
        return await outcome(sys.executable, *PROGRAM, *arguments, **environ)

    async def test_done(self) -> None:
        """A value goes to standard output byte by byte: 0."""
        path = listening(self, site(GuestService(config=CONFIG)))
        self.assertEqual(
            await self.devlxd("config", "get", "user.b", DEVLXD_SOCKET=path),
            Outcome(0, b"\xff\x00\n\n", ""),
        )

    async def test_json(self) -> None:
        """Standard output has one JSON document."""
        path = listening(self, site(GuestService()))
        said = await self.devlxd("--json", "--socket", path, "info")
        self.assertEqual(json.loads(said.out), MAIN)
        self.assertEqual((said.code, said.err), (0, ""))

    async def test_codes(self) -> None:
        """Each failure has its exit code, and is one line on standard error."""
        service = listening(self, site(GuestService()))
        broken = listening(self, saying(b"nonsense\r\n"))
        slow = listening(self, silent())
        for code, arguments in (
            (1, ["--socket", broken, "info"]),
            (2, ["--socket", service]),
            (3, ["--socket", "/nowhere", "info"]),
            (4, ["--socket", service, "config", "get", "user.x"]),
            (5, ["--socket", service, "config", "get", "boot"]),
            (6, ["--socket", slow, "--timeout", "0.05", "info"]),
        ):
            said = await self.devlxd(*arguments)
            self.assertEqual((said.code, said.out), (code, b""), said.err)
            self.assertRegex(said.err, r"\Adevlxd: [^\n]+\n\Z")

    async def test_head(self) -> None:
        """A reader who has had enough leaves no complaint."""
        config = {b"user.large": b"large\n" * 200_000}
        path = listening(self, site(GuestService(config=config)))
        said = await scripted(
            "{ devlxd config get user.large; echo $? >&2; } | head -n 1",
            DEVLXD_SOCKET=path,
        )
        self.assertEqual(said, Outcome(0, b"large\n", "0\n"))

    async def test_closed_output(self) -> None:
        """A command that says nothing needs no output, and others complain."""
        service = GuestService()
        path = listening(self, site(service))
        self.assertEqual(
            await scripted("devlxd ready >&-", DEVLXD_SOCKET=path),
            Outcome(0, b"", ""),
        )
        self.assertEqual(service.document["state"], "Ready")
        self.assertEqual(
            await scripted("devlxd info >&-", DEVLXD_SOCKET=path),
            Outcome(
                1,
                b"",
                "devlxd: cannot write the output: File not open for writing\n",
            ),
        )

    async def test_closed_errors(self) -> None:
        """A complaint that nobody can hear does not go to standard output instead."""
        self.assertEqual(
            await scripted("devlxd --socket /nowhere info 2>&-"), Outcome(3, b"", "")
        )

    async def test_interrupted(self) -> None:
        """A program that is interrupted while it waits is not done: 130."""
        for signal in (SIGINT, SIGTERM):
            tally = Tally()
            path = listening(self, endless(tally, b"", b""))
            program = Interrupted()
            process = cast(Any, reactor).spawnProcess(
                program,
                sys.executable,
                [sys.executable, *PROGRAM, "--socket", path, "info"],
                os.environ,
                str(ROOT),
            )
            await tally.asked
            process.signalProcess(signal)
            self.assertEqual((await program.ended, program.err), (130, b""))
