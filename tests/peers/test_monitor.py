"""``lxc monitor`` and Python's websockets hear what happens on the host."""

from __future__ import annotations

import json

from websockets.sync.client import ClientConnection, unix_connect
from websockets.typing import Origin

from tests.peers.listener import Listener
from tests.peers.lxc import LxcTestCase
from tests.peers.service import until

_PATIENCE = 60.0  # seconds; the machine may be busy


class MonitorTests(LxcTestCase):
    """Those who listen to a service."""

    def monitor(self, options: str, project: str = "default") -> Listener:
        """``lxc monitor``, once it listens."""
        monitor = Listener.of_operator(self, self.lxc, options)
        where = f"probe --project {project}"
        monitor.begin(lambda: self.lxc_does(f"init --empty {where}", f"delete {where}"))
        return monitor

    def line(self, monitor: Listener, text: str) -> str:
        """The first line that has a text in it, once it is there."""
        # lxc hands out each event in a thread of its own, so that their order is lost.
        found: list[str] = []

        def tells() -> bool:
            found.extend(line for line in monitor.lines() if text in line)
            return bool(found)

        until(tells, f"{monitor.process.args!r} to tell of {text}")
        return found[0]

    def test_json(self) -> None:
        """Operations are told with what they were about, whole."""
        monitor = self.monitor("--format=json --type=operation")
        self.lxc_does("init --empty c1")
        event = json.loads(self.line(monitor, "instances/c1"))
        self.assertEqual(
            (event["type"], event["location"], event["project"]),
            ("operation", "none", "default"),
        )
        operation = event["metadata"]
        self.assertEqual(operation["status_code"], 200)
        self.assertEqual(operation["resources"], {"instances": ["/1.0/instances/c1"]})
        path = f"/1.0/operations/{operation['id']}"
        self.assertEqual(json.loads(self.lxc_does(f"query {path}")), operation)

    def test_pretty(self) -> None:
        """So that people can read it: one line each, of the type that is wanted."""
        monitor = self.monitor("--type=lifecycle --pretty")
        self.lxc_does("init --empty c1")
        line = self.line(monitor, "instances/c1")
        self.assertIn("Action: instance-created, Source: /1.0/instances/c1", line)

    def test_all_projects(self) -> None:
        """Of all projects only who asks for it hears."""
        self.lxc_does("project create lab")
        one = self.monitor("--format=json --type=lifecycle")
        lab = self.monitor("--format=json --type=lifecycle --project lab", "lab")
        every = self.monitor("--format=json --type=lifecycle --all-projects")
        self.lxc_does("init --empty c1", "init --empty l1 --project lab")
        for monitor, heard in ((one, "c1"), (lab, "l1"), (every, "c1"), (every, "l1")):
            self.line(monitor, f"instances/{heard}")
        self.assertEqual({each["project"] for each in one.all()}, {"default"})
        self.assertEqual({each["project"] for each in lab.all()}, {"lab"})
        self.assertEqual({each["project"] for each in every.all()}, {"default", "lab"})


class WebSocketTests(LxcTestCase):
    """A client of another kind."""

    def test_order(self) -> None:
        """It hears all of an instance's life, in order."""
        url = "ws://devlxd/1.0/events?all-projects=true&type=lifecycle"
        with unix_connect(str(self.service.host_socket), uri=url) as connection:
            self.lxc_does("init --empty c1", "config set c1 user.a=1")
            self.lxc_registers("c1").end()
            until(lambda: self.lxc.run("rename c1 c2").code == 0, "c1 to be renamed")
            self.lxc_does("delete c2", "project create lab", "project rename lab shop")
            told = [self._next(connection) for _ in range(8)]
        self.assertEqual(
            told,
            [
                *("instance-created", "instance-updated", "instance-started"),
                *("instance-stopped", "instance-renamed", "instance-deleted"),
                *("project-created", "project-renamed"),
            ],
        )

    def test_origin(self) -> None:
        """Whatever page it says that it is of, as older ones of pylxd do, it hears."""
        url = "ws://localhost/1.0/events"
        path = str(self.service.host_socket)
        origin = Origin("ws+unix://localhost")
        with unix_connect(path, uri=url, origin=origin) as connection:
            self.lxc_does("profile create p1")
            self.assertEqual(self._next(connection), "profile-created")

    def _next(self, connection: ClientConnection) -> str:
        event = json.loads(connection.recv(timeout=_PATIENCE))
        return str(event["metadata"]["action"])
