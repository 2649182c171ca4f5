"""What ``twistd devlxd`` is made of."""

from __future__ import annotations

import sys
from pathlib import Path

from twisted.application.service import IService, IServiceMaker
from twisted.internet import reactor as real_reactor
from twisted.internet.testing import MemoryReactorClock
from twisted.internet.threads import deferToThread
from twisted.plugin import IPlugin, getPlugins
from twisted.python.usage import UsageError
from twisted.trial.unittest import SynchronousTestCase, TestCase
from zope.interface.verify import verifyObject

from devlxd import tap
from devlxd.errors import CannotStart
from devlxd.identity.chain import Chain
from devlxd.identity.registry import Registry
from devlxd.options import Options
from devlxd.service.assumption import Assumption
from devlxd.service.editedfile import EditedFile
from devlxd.service.imagestore import ImageStore
from devlxd.service.instancesfile import InstancesFile
from devlxd.service.instancesockets import InstanceSockets
from devlxd.service.lastwords import LastWords
from devlxd.service.listener import Listener
from devlxd.service.openfiles import OpenFiles
from devlxd.service.recognition import Recognition
from devlxd.service.statedirectory import StateDirectory
from devlxd.service.whole import Devlxd
from devlxd.stores.writer import Writer
from tests.service.places import directory
from tests.service.processes import ask


def parsed(*arguments: str) -> Options:
    """The options after parsing."""
    options = Options()
    options.parseOptions(arguments)
    return options


class PluginTests(SynchronousTestCase):
    """Twisted finds the service by its plugin."""

    def test_plugin(self) -> None:
        """There is one plugin, of the right kinds, that leads here."""
        (maker,) = (p for p in getPlugins(IServiceMaker) if p.tapname == "devlxd")
        verifyObject(IServiceMaker, maker)
        verifyObject(IPlugin, maker)
        self.assertIs(maker.options, Options)
        self.assertIs(maker.makeService, tap.makeService)


class ShapeTests(SynchronousTestCase):
    """`make_service` puts the parts together."""

    def setUp(self) -> None:
        """Have a place for the state."""
        self.state = directory(self) / "state"

    def made(self, *arguments: str) -> Devlxd:
        """The service by these options."""
        return tap.make_service(
            parsed(f"--state-dir={self.state}", *arguments), MemoryReactorClock()
        )

    def assertParts(self, whole: Devlxd, *kinds: type) -> None:
        """Check the parts and their order."""
        verifyObject(IService, whole)
        kinds += (Listener, InstanceSockets, Listener)
        self.assertEqual([type(part) for part in whole], list(kinds))

    def test_default(self) -> None:
        """Without options callers are recognised; nothing is done before the start."""
        parts = (OpenFiles, StateDirectory, Writer, ImageStore, Recognition)
        self.assertParts(self.made(), *parts)
        self.assertFalse(self.state.exists())

    def test_assume(self) -> None:
        """With an assumption there is nothing to recognise them by."""
        whole = self.made("--store=memory", "--assume=c1")
        parts = (OpenFiles, StateDirectory, Writer, ImageStore, Assumption)
        self.assertParts(whole, *parts)

    def test_instances(self) -> None:
        """
        The file is applied to an open store, before anybody is looked up in it, and its
        edits are followed for as long as there is both.
        """
        file = self.state.parent / "instances.yaml"
        file.write_text("instances: {c1: {}}")
        self.assertParts(
            self.made(f"--instances={file}"),
            *(OpenFiles, StateDirectory, Writer, ImageStore),
            *(InstancesFile, Recognition, EditedFile),
        )

    def test_runtimes(self) -> None:
        """Containers are found unless no runtime is to be believed."""
        for arguments, kind in (((), Chain), (("--runtime=none",), Registry)):
            (who,) = (x for x in self.made(*arguments) if isinstance(x, Recognition))
            self.assertIsInstance(who.locator, kind)

    def test_bad_endpoint(self) -> None:
        """What is no endpoint is a mistake of the command line."""
        with self.assertRaises(UsageError) as caught:
            self.made("--guest=nope:x")
        self.assertEqual(
            str(caught.exception), "--guest nope:x: Unknown endpoint type: 'nope'"
        )

    def test_no_proc(self) -> None:
        """Where the kernel does not tell who calls, only an assumption will do."""
        nowhere = self.state / "proc"
        with self.assertRaises(CannotStart) as caught:
            tap.make_service(parsed(), MemoryReactorClock(), proc=nowhere)
        self.assertEqual(
            str(caught.exception),
            f"callers cannot be told apart: {nowhere}/self: No such file or directory; "
            "--assume does without",
        )
        tap.make_service(parsed("--assume=c1"), MemoryReactorClock(), proc=nowhere)


class MakeServiceTests(TestCase):
    """`makeService` is what ``twistd`` calls."""

    def setUp(self) -> None:
        """Keep the exception hook that is there."""
        self.patch(sys, "excepthook", sys.excepthook)

    def test_hook(self) -> None:
        """It sees to it that the operator gets its last words."""
        service = tap.makeService(parsed("--state-dir=state", "--assume=c1"))
        self.assertIsInstance(service, Devlxd)
        self.assertIsInstance(sys.excepthook, LastWords)

    def test_mistake(self) -> None:
        """A mistake of the command line is said in one line."""
        with self.assertRaises(SystemExit) as caught:
            tap.makeService(parsed("--guest=nope:x"))
        self.assertEqual(
            caught.exception.code,
            "twistd devlxd: --guest nope:x: Unknown endpoint type: 'nope'",
        )

    async def test_runs(self) -> None:
        """What it makes starts and stops, again and again."""
        state = directory(self) / "state"
        file = state.parent / "instances.yaml"
        file.write_text("instances: {c1: {}}")
        for guest in ((), (f"--guest=unix:{state.parent}/sock",)):
            options = parsed(
                *(f"--state-dir={state}", f"--instances={file}", "--assume=c1", *guest)
            )
            service = tap.make_service(options, real_reactor)
            service.startService()
            socket = Path(f"{state.parent}/sock") if guest else state / "devlxd/sock"
            self.assertTrue(socket.is_socket())
            await service.stopService()
            self.assertFalse(socket.exists())

    async def test_compat(self) -> None:
        """What it makes answers as the server that it is to be like, at its place."""
        for server, socket, header in (
            ("lxd-6", "devlxd/sock", ""),
            ("lxd-5.0", "devlxd/sock", "#cloud-config\n"),
            ("incus", "guestapi/sock", "#cloud-config\n"),
        ):
            state = directory(self) / "state"
            file = state.parent / "instances.yaml"
            file.write_text("instances: {c1: {}}")
            options = parsed(
                *(f"--state-dir={state}", f"--instances={file}", "--assume=c1"),
                f"--compat={server}",
            )
            service = tap.make_service(options, real_reactor)
            service.startService()
            self.addCleanup(service.stopService)
            answer = await deferToThread(ask, state / socket, "/1.0/meta-data")
            self.assertTrue(answer.startswith(f"{header}instance-id: "), answer)

    async def test_edits(self) -> None:
        """What it makes serves guests what the file says after an edit."""
        state = directory(self) / "state"
        file = state.parent / "instances.yaml"
        file.write_text("instances: {c1: {config: {user.x: first}}}")
        options = parsed(f"--state-dir={state}", f"--instances={file}", "--assume=c1")
        service = tap.make_service(options, real_reactor)
        service.startService()
        self.addCleanup(service.stopService)
        file.write_text("instances: {c1: {config: {user.x: second}}}")
        answer = "first"
        while answer == "first":
            answer = await deferToThread(
                ask, state / "devlxd" / "sock", "/1.0/config/user.x"
            )
        self.assertEqual(answer, "second")
