"""What operators do is what guests hear of, and what their next boot reads."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from tests.need import need_program
from tests.peers.boot import boot, install
from tests.peers.container import Container
from tests.peers.listener import PYTHON_PLACES, Listener
from tests.peers.lxc import LxcTestCase
from tests.peers.pylxd import client_of

_NIC = {"name": "eth0", "nictype": "bridged", "type": "nic"}
_GREETING = """\
#cloud-config
write_files:
- path: /srv/greeting
  content: {}
"""


def _config(key: str, old: str, new: str) -> dict[str, Any]:
    return {"key": key, "old_value": old, "value": new}


def _eth0(action: str, **config: str) -> dict[str, Any]:
    return {"action": action, "config": {**_NIC, **config}, "name": "eth0"}


class GuestTestCase(LxcTestCase):
    """
    A container that runs as an instance which ``lxc`` has made.

    :ivar container: that is ``c1``.
    """

    def setUp(self) -> None:
        """Start it; what is done before it is known is for a subclass to say."""
        super().setUp()
        self.prepare()
        self.container = Container(self.service.socket.parent, PYTHON_PLACES)
        self.addCleanup(self.container.stop)
        self.container.start()
        pid = json.dumps({"pid": self.container.init})
        self.lxc_does(f"query -X PUT -d '{pid}' /1.0/devlxd/instances/c1/init")

    def prepare(self) -> None:
        """Make the instance."""
        self.lxc_does("init --empty c1")


class TranscriptTests(GuestTestCase):
    """An operator and a guest, who listen to everything."""

    def prepare(self) -> None:
        """Listen from the beginning."""
        self.monitor = Listener.of_operator(
            self, self.lxc, "--format=json --type=lifecycle"
        )
        self.lxc_does("init --empty probe")
        probes = [f"config {each}set probe user.probe" for each in ("", "un")]
        self.monitor.begin(lambda: self.lxc_does(f"{probes[0]}=1", probes[1]))
        self._tell("init --empty c1", [("instance-created", "instances/c1")])

    def _tell(
        self,
        command: str,
        actions: Sequence[tuple[str, str]],
        events: Sequence[dict[str, Any]] = (),
    ) -> None:
        """Run a command, of which the operator and the guest then hear."""
        self.lxc_does(command)
        self._told(command, actions, events)

    def _told(
        self,
        what: str,
        actions: Sequence[tuple[str, str]],
        events: Sequence[dict[str, Any]] = (),
    ) -> None:
        """The operator has heard of these things, and the guest of those."""
        heard: list[tuple[str, str]] = []
        while len(heard) < len(actions):
            [event] = self.monitor.next(1)
            source = event["metadata"]["source"].removeprefix("/1.0/")
            if source != "instances/probe":
                heard.append((event["metadata"]["action"], source))
        # lxc hands each event out in a thread of its own, so that their order is lost.
        self.assertEqual(sorted(heard), sorted(actions), what)
        if events:
            told = [each["metadata"] for each in self.guest.next(len(events))]
            self.assertEqual(told, list(events), what)

    def test_transcript(self) -> None:
        """Each of the operator's changes is told to both, and to each in its form."""
        updated = ("instance-updated", "instances/c1")
        profiled = ("profile-updated", "profiles/default")
        self._told("the start", [("instance-started", "instances/c1")])
        self.guest = Listener.in_guest(self, self.container)
        mtu, limit = {"mtu": "1400"}, {"limits.max": "1Mbit"}
        for command, actions, events in (
            (
                "config set c1 user.role web",
                [updated],
                [_config("user.role", "", "web")],
            ),
            (
                "config set c1 user.role=db user.a=<1>",
                [updated],
                [_config("user.a", "", "<1>"), _config("user.role", "web", "db")],
            ),
            ("config set c1 limits.cpu=2", [updated], []),
            ("config unset c1 user.role", [updated], [_config("user.role", "db", "")]),
            (
                "config device add c1 eth0 nic name=eth0 nictype=bridged",
                [updated],
                [_eth0("added")],
            ),
            (
                "config device set c1 eth0 mtu=1400",
                [updated],
                [_eth0("removed"), _eth0("added", **mtu)],
            ),
            (
                "config device set c1 eth0 limits.max=1Mbit",
                [updated],
                [_eth0("updated", **mtu, **limit)],
            ),
            (
                "config device remove c1 eth0",
                [updated],
                [_eth0("removed", **mtu, **limit)],
            ),
            (
                "profile set default user.motd Hi",
                [profiled, updated],
                [_config("user.motd", "", "Hi")],
            ),
            (
                "config set c1 user.motd Ho",
                [updated],
                [_config("user.motd", "Hi", "Ho")],
            ),
            # What the instance says itself hides what its profile says.
            ("profile set default user.motd Hu", [profiled, updated], []),
            (
                "profile remove c1 default",
                [updated],
                [],
            ),
            ("config unset c1 user.motd", [updated], [_config("user.motd", "Ho", "")]),
            ("profile add c1 default", [updated], [_config("user.motd", "", "Hu")]),
        ):
            self._tell(command, actions, events)
        self._ready()
        self.assertEqual([each["seq"] for each in self.guest.all()], [*range(1, 14)])

    def _ready(self) -> None:
        """The guest is ready, and ends; nobody but the operator hears of that."""
        self.assertIn("c1,RUNNING\n", self.lxc_does("list -c ns --format csv"))
        ready = ("-X", "PATCH", "-d", '{"state": "Ready"}', "http://lxd/1.0")
        self.container.run("curl", "-s", "--unix-socket", "/dev/lxd/sock", *ready)
        self._told("ready", [("instance-ready", "instances/c1")])
        self.assertIn("c1,READY\n", self.lxc_does("list -c ns --format csv"))
        self.container.stop()
        self._told("the end", [("instance-stopped", "instances/c1")])
        self.assertIn("c1,STOPPED\n", self.lxc_does("list -c ns --format csv"))
        self._tell("rename c1 c2", [("instance-renamed", "instances/c2")])
        self._tell("delete c2", [("instance-deleted", "instances/c2")])

    def test_pylxd(self) -> None:
        """What pylxd changes is told to both as well."""
        self._told("the start", [("instance-started", "instances/c1")])
        self.guest = Listener.in_guest(self, self.container)
        instance = client_of(self, self.service).instances.get("c1")
        instance.config["user.role"] = "web"
        instance.devices["eth0"] = _NIC
        instance.save(wait=True)
        self._told(
            "save",
            [("instance-updated", "instances/c1")],
            [_config("user.role", "", "web"), _eth0("added")],
        )


class BootTests(GuestTestCase):
    """The boots of a container, with Debian's cloud-init."""

    def setUp(self) -> None:
        """Boot for the first time."""
        need_program("cloud-init", "cloud-init")
        super().setUp()
        install(self.container)
        self.lxc_does(
            "config set c1 cloud-init.user-data -", given=_GREETING.format("first")
        )
        boot(self.container)
        self.assertEqual(self._read("/srv/greeting"), "first")
        self.ident = self._ident()

    def _read(self, path: str) -> str:
        return self.container.run("cat", path)

    def _ident(self) -> str:
        return self.container.run("cloud-init", "query", "v1.instance_id").strip()

    def test_next_boot(self) -> None:
        """
        What lxc or pylxd has changed for cloud-init is done at the next boot, which is
        that of a new instance to it.  A change of another key makes none.
        """
        self.container.run("rm", "/srv/greeting")
        self.lxc_does("config set c1 user.role=db")
        boot(self.container)
        self.assertEqual(self._ident(), self.ident)
        self.container.run("test", "!", "-e", "/srv/greeting")

        self.lxc_does(
            "config set c1 cloud-init.user-data -", given=_GREETING.format("second")
        )
        boot(self.container)
        second = self._ident()
        self.assertNotEqual(second, self.ident)
        self.assertEqual(self._read("/srv/greeting"), "second")
        config = json.loads(self.container.run("cloud-init", "query", "ds.config"))
        self.assertEqual(config["user.role"], "db")

        client = client_of(self, self.service)
        profile = client.profiles.get("default")
        vendor = "#cloud-config\nruncmd: [echo pylxd >/srv/vendor]\n"
        profile.config["cloud-init.vendor-data"] = vendor
        profile.save()
        boot(self.container)
        self.assertNotIn(self._ident(), (self.ident, second))
        self.assertEqual(self._read("/srv/vendor"), "pylxd\n")
