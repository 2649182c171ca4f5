"""``lxc monitor`` and Python's websockets hear what happens on the host."""

from __future__ import annotations

import json
import os
from functools import partial
from pathlib import Path
from typing import Any

from attrs import evolve
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.protocol import ProcessProtocol
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread
from twisted.python.failure import Failure
from twisted.trial.unittest import TestCase
from websockets.sync.client import unix_connect

from devlxd.model.identity import Boot
from devlxd.model.instance import Instance
from devlxd.model.lifecycle import started, stopped
from devlxd.model.names import InstanceName
from tests.client.sockets import directory
from tests.host.talk import Talk
from tests.need import need_program

C1 = InstanceName("default", "c1")
C2 = InstanceName("default", "c2")
ELSEWHERE = InstanceName("lab", "c3")

_reactor: Any = reactor


class Monitor(ProcessProtocol):
    """A running ``lxc monitor``, and the lines that it has written."""

    def __init__(self) -> None:
        self.out = b""
        self.err = b""
        self.ended: Deferred[None] = Deferred()

    def outReceived(self, data: bytes) -> None:
        """Keep what it writes."""
        self.out += data

    def errReceived(self, data: bytes) -> None:
        """Keep what it complains of."""
        self.err += data

    def processEnded(self, reason: Failure) -> None:
        """It is over."""
        self.ended.callback(None)

    def lines(self) -> list[str]:
        """The whole lines so far, without empty ones."""
        whole, _, _ = self.out.decode().rpartition("\n")
        return [line for line in whole.splitlines() if line]


class MonitorTests(TestCase):
    """A host on a real socket, and those who listen."""

    timeout = 120

    def setUp(self) -> None:
        """Serve."""
        self.talk = Talk(clock=_reactor)
        self.addCleanup(self.talk.site.drain)
        self.store = self.talk.store
        self.home = Path(directory(self))
        self.socket = str(self.home / "unix.socket")
        port = _reactor.listenUNIX(self.socket, self.talk.site, mode=0o600)
        self.addCleanup(port.stopListening)

    async def monitor(self, *options: str, all_projects: bool = False) -> Monitor:
        """``lxc monitor``, once it listens."""
        lxc = need_program("lxc", "lxd-client")
        monitor = Monitor()
        environ = {
            "LXD_DIR": str(self.home),
            "HOME": str(self.home),
            "PATH": os.environ.get("PATH", ""),
        }
        argv = [lxc, "monitor", *options]
        process = _reactor.spawnProcess(monitor, lxc, argv, environ)
        self.addCleanup(self._end, process, monitor)
        await self._listening(None if all_projects else "default", monitor)
        return monitor

    async def test_json(self) -> None:
        """An instance's whole life is told, with the operations of operators."""
        monitor = await self.monitor("--format", "json")
        self._live()
        self.talk.host.operations.add(
            "Updating instance", {"instances": ["/1.0/instances/c2"]}
        )
        await self._written(monitor, 8)
        events = [json.loads(line) for line in monitor.lines()]
        for event in events:
            self.assertEqual((event["location"], event["project"]), ("none", "default"))
        # Since lxc hands out each event in a thread of its own, their order is lost.
        told = [x["metadata"] for x in events if x["type"] == "lifecycle"]
        self.assertEqual(
            sorted(x["action"].removeprefix("instance-") for x in told),
            ["created", "deleted", "ready", "renamed", "started", "stopped", "updated"],
        )
        [renamed] = (x for x in told if x["action"] == "instance-renamed")
        self.assertEqual(renamed["source"], "/1.0/instances/c2")
        self.assertEqual(renamed["context"], {"old_name": "c1"})
        [operation] = (x["metadata"] for x in events if x["type"] == "operation")
        self.assertEqual(operation["status_code"], 200)

    async def test_pretty(self) -> None:
        """So that people can read it: one line each, of the type that is wanted."""
        monitor = await self.monitor("--type=lifecycle", "--pretty")
        self.talk.host.operations.add("Doing", {})
        self.store.instances.create(Instance(C1))
        await self._written(monitor, 1)
        [line] = monitor.lines()
        self.assertIn("Action: instance-created, Source: /1.0/instances/c1", line)

    async def test_all_projects(self) -> None:
        """Of all projects only who asks for it hears."""
        one = await self.monitor("--format=json")
        every = await self.monitor("--format=json", "--all-projects", all_projects=True)
        self.store.instances.create(Instance(ELSEWHERE))
        self.store.instances.create(Instance(C1))
        await self._written(every, 2)
        await self._written(one, 1)
        projects = [json.loads(line)["project"] for line in every.lines()]
        self.assertEqual(sorted(projects), ["default", "lab"])
        self.assertEqual(json.loads(one.lines()[0])["project"], "default")

    async def test_websockets(self) -> None:
        """A client of another kind hears all, in order."""
        heard: Deferred[list[str]] = deferToThread(self._listen, 7)
        await self._listening(None)
        self._live()
        actions = [json.loads(line)["metadata"]["action"] for line in await heard]
        self.assertEqual(
            actions,
            [
                *("instance-created", "instance-updated", "instance-started"),
                *("instance-ready", "instance-stopped", "instance-renamed"),
                "instance-deleted",
            ],
        )

    def _listen(self, count: int) -> list[str]:
        url = "ws://devlxd/1.0/events?all-projects=true&type=lifecycle"
        with unix_connect(self.socket, uri=url) as connection:
            return [str(connection.recv(timeout=60)) for _ in range(count)]

    def _live(self) -> None:
        """Have an instance live its life."""
        instances = self.store.instances
        instances.create(Instance(C1))
        instances.update(C1, lambda old: evolve(old, description="Text"))
        instances.update(C1, partial(started, boot=Boot(7, "life")))
        self.talk.host.announcer.ready(C1)
        instances.update(C1, stopped)
        self.store.transact(lambda draft: draft.rename_instance(C1, C2))
        instances.delete(C2)

    async def _listening(
        self, project: str | None, monitor: Monitor | None = None
    ) -> None:
        broadcast = self.talk.host.announcer.broadcast
        while not broadcast.listeners(project):
            if monitor is not None and monitor.ended.called:
                self.fail(monitor.err.decode())
            await deferLater(_reactor, 0.01)

    async def _written(self, monitor: Monitor, count: int) -> None:
        while len(monitor.lines()) < count:
            if monitor.ended.called:
                self.fail(monitor.err.decode())
            await deferLater(_reactor, 0.01)

    def _end(self, process: Any, monitor: Monitor) -> Deferred[None]:
        if process.pid is not None:
            process.signalProcess("KILL")
        return monitor.ended
