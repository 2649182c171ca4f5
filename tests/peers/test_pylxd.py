"""pylxd manages instances, and hears what becomes of them."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

from pylxd import EventType
from pylxd.exceptions import Conflict, LXDAPIException, NotFound
from twisted.trial.unittest import SynchronousTestCase

from tests.identity.guests import Program
from tests.need import need_checkout
from tests.peers.lxc import started_init
from tests.peers.pylxd import Listening, client_of
from tests.peers.service import started_service, until

NIC = {"type": "nic", "name": "eth0", "nictype": "bridged"}


class PylxdTestCase(SynchronousTestCase):
    """
    A service, and a client of it.

    :ivar client: the client.
    """

    def setUp(self) -> None:
        """Serve."""
        self.service = started_service(self)
        self.client = client_of(self, self.service)

    def tearDown(self) -> None:
        """pylxd warns of each field of a document that it does not know."""
        warnings = [str(each["message"]) for each in self.flushWarnings()]
        self.assertEqual([each for each in warnings if "unknown" in each], [])

    def create(self, name: str | None = "c1", **others: Any) -> Any:
        """An instance."""
        document = {"source": {"type": "none"}, **others}
        if name is not None:
            document["name"] = name
        return self.client.instances.create(document, wait=True)

    def refused(self, text: str, call: Any, *arguments: Any, **others: Any) -> None:
        """A call fails with a text."""
        with self.assertRaises(LXDAPIException) as caught:
            call(*arguments, **others)
        self.assertIn(text, str(caught.exception))


class InstanceTests(PylxdTestCase):
    """``client.instances``."""

    def test_made(self) -> None:
        """Instances are made, found and listed, in both kinds."""
        made = self.create(config={"user.a": "1"})
        self.assertEqual(made.config["user.a"], "1")
        self.assertEqual(made.profiles, ["default"])
        self.client.virtual_machines.create(
            {"name": "v1", "source": {"type": "none"}}, wait=True
        )
        self.assertTrue(self.client.instances.exists("v1"))
        self.assertFalse(self.client.instances.exists("v2"))
        for recursion in range(3):
            every = self.client.instances.all(recursion=recursion)
            self.assertEqual([each.name for each in every], ["c1", "v1"])
            self.assertEqual(every[1].type, "virtual-machine")
            self.assertEqual(every[0].config["user.a"], "1")

    def test_nameless(self) -> None:
        """One without a name gets one, which the operation tells."""
        name = self.create(None).name
        self.assertTrue(name.startswith("instance-"), name)
        self.assertTrue(self.client.instances.exists(name))

    def test_saved(self) -> None:
        """All that was got is sent back with a change, and nothing else changes."""
        self.create(config={"user.a": "1"}, devices={"eth0": NIC})
        before = self.client.api.instances["c1"].get().json()["metadata"]
        instance = self.client.instances.get("c1")
        instance.config["user.a"] = "2"
        instance.devices["eth0"]["mtu"] = "1400"
        instance.description = "Text"
        instance.save(wait=True)
        after = self.client.api.instances["c1"].get().json()["metadata"]
        changed = {key for key in before if before[key] != after[key]}
        self.assertEqual(
            changed,
            {
                *("config", "devices", "description"),
                *("expanded_config", "expanded_devices"),
            },
        )
        self.assertEqual(after["config"], {**before["config"], "user.a": "2"})
        self.assertEqual(after["devices"], {"eth0": {**NIC, "mtu": "1400"}})

    def test_put(self) -> None:
        """A document replaces what was there, but for the service's own keys."""
        instance = self.create(config={"user.a": "1"}, devices={"eth0": NIC})
        instance.put({"config": {"user.b": "2"}}, wait=True)
        self.assertEqual(instance.devices, {})
        self.assertEqual(
            sorted(instance.config),
            ["user.b", "volatile.cloud-init.instance-id", "volatile.uuid"],
        )

    def test_patch(self) -> None:
        """Some of it is changed, key by key."""
        instance = self.create(config={"user.a": "1", "user.b": "2"})
        change = {"config": {"user.a": "", "user.c": "3"}, "devices": {"eth0": NIC}}
        instance.patch(change, wait=True)
        self.assertEqual(
            {k: v for k, v in instance.config.items() if k.startswith("user.")},
            {"user.b": "2", "user.c": "3"},
        )
        self.assertEqual(instance.devices, {"eth0": NIC})

    def test_renamed(self) -> None:
        """It gets another name, and goes."""
        instance = self.create(config={"user.a": "1"})
        instance.rename("c2", wait=True)
        self.assertEqual(self.client.instances.get("c2").config["user.a"], "1")
        self.assertRaises(NotFound, self.client.instances.get, "c1")
        instance.delete(wait=True)
        self.assertEqual(self.client.instances.all(), [])

    def test_refused(self) -> None:
        """What is refused raises an exception with the service's text."""
        instance = self.create()
        self.assertRaises(Conflict, self.create)
        instance.config["usr.a"] = "1"
        self.refused("Unknown configuration key", instance.save, wait=True)
        instance.rollback()
        self.assertNotIn("usr.a", instance.config)
        source = {"type": "image", "alias": "x"}
        self.refused("Image not found", self.create, "c2", source=source)

    def test_snapshots(self) -> None:
        """There are no snapshots and no images."""
        self.assertEqual(self.create().snapshots.all(), [])
        self.assertEqual(self.client.images.all(), [])


class ManualTests(PylxdTestCase):
    """``docs/host-api.md``."""

    def test_program(self) -> None:
        """The program of the manual does what it says."""
        page = (need_checkout() / "docs" / "host-api.md").read_text()
        [program] = re.findall(r"^```python\n(.*?)^```$", page, re.M | re.S)
        path = str(self.service.host_socket)
        program = program.replace("/var/lib/devlxd/unix.socket", path)
        subprocess.run([sys.executable, "-c", program], check=True)
        self.assertEqual(self.client.instances.get("c1").config["user.role"], "db")


class StateTests(PylxdTestCase):
    """``instance.state``."""

    def test_running(self) -> None:
        """An instance runs while its init process does; that is nobody's to change."""
        instance = self.create()
        self.assertEqual(instance.state().status, "Stopped")
        self.refused("their runtime's business", instance.start, wait=True)
        init = self._register()
        state = instance.state()
        self.assertEqual((state.status, state.pid), ("Running", init.child()))
        self.refused("already running", instance.start, wait=True)
        self.refused("their runtime's business", instance.stop, wait=True)
        self.refused("Instance is running", instance.delete, wait=True)
        init.end()
        until(lambda: instance.state().status == "Stopped", "the end of c1")
        instance.delete(wait=True)

    def _register(self) -> Program:
        init = started_init(self)
        path = self.client.api.devlxd.instances["c1"].init
        path.put(json={"pid": init.child()})
        return init


class ProfileTests(PylxdTestCase):
    """``client.profiles`` and ``client.projects``."""

    def test_profiles(self) -> None:
        """Profiles are made, changed, listed and used."""
        profile = self.client.profiles.create("p1", config={"user.p": "1"})
        instance = self.create(profiles=["default", "p1"])
        profile.description = "Text"
        profile.devices["eth0"] = NIC
        profile.save()
        profile.patch({"config": {"user.q": "2"}})
        instance.sync()
        self.assertEqual(instance.expanded_devices, {"eth0": NIC})
        self.assertEqual(instance.expanded_config["user.p"], "1")
        self.assertEqual(instance.expanded_config["user.q"], "2")
        found = self.client.profiles.get("p1")
        self.assertEqual(found.used_by, ["/1.0/instances/c1"])
        self.refused("in use", found.delete)

    def test_profile_names(self) -> None:
        """They get other names, and go."""
        profile = self.client.profiles.create("p1")
        self.assertRaises(Conflict, self.client.profiles.create, "p1")
        profile = profile.rename("p2")
        names = [each.name for each in self.client.profiles.all()]
        self.assertEqual(names, ["default", "p2"])
        profile.delete()
        self.assertFalse(self.client.profiles.exists("p2"))

    def test_projects(self) -> None:
        """Projects keep their instances apart, get other names, and go."""
        project = self.client.projects.create("lab", "Text", {"user.a": "1"})
        project.config["user.b"] = "2"
        project.save()
        self.create()
        lab = client_of(self, self.service, project="lab")
        self.assertEqual(lab.instances.all(), [])
        document = {"name": "l1", "source": {"type": "none"}}
        instance = lab.instances.create(document, wait=True)
        self.assertEqual(instance.project, "lab")
        [used, _] = self.client.projects.get("lab").used_by
        self.assertEqual(used, "/1.0/instances/l1?project=lab")
        instance.delete(wait=True)
        project = project.rename("shop")
        self.assertEqual((project.config["user.b"], project.description), ("2", "Text"))
        project.delete()
        names = [each.name for each in self.client.projects.all()]
        self.assertEqual(names, ["default"])


class EventTests(PylxdTestCase):
    """``client.events``."""

    def test_all(self) -> None:
        """Whatever is done is told, in order, with its operations."""
        listening = Listening.to(self, self.client)
        self.create().patch({"config": {"user.a": "1"}})
        self.client.profiles.create("p1")
        told = [listening.next() for _ in range(4)]
        self.assertEqual(
            [each["metadata"].get("action", "-") for each in told],
            ["instance-created", "-", "instance-updated", "profile-created"],
        )
        self.assertEqual(told[1]["metadata"]["description"], "Creating instance")
        self.assertEqual({each["project"] for each in told}, {"default"})

    def test_some(self) -> None:
        """Only those are told that were asked for."""
        wish = {EventType.Operation, EventType.Logging}
        listening = Listening.to(self, self.client, event_types=wish)
        self.create().delete(wait=True)
        told = [listening.next()["metadata"]["description"] for _ in range(2)]
        self.assertEqual(told, ["Creating instance", "Deleting instance"])
