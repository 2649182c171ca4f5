"""``/1.0/instances``: how instances are made, renamed and deleted."""

from __future__ import annotations

import json
import platform

from devlxd.host.admission import Host
from devlxd.model.instance import Instance
from devlxd.model.lifecycle import BOOT, READY
from devlxd.model.names import InstanceName
from devlxd.model.renewal import INSTANCE_ID, UUID
from tests.host.instancescase import C1, NONE, URL, InstancesCase


class CreationTests(InstancesCase):
    """``POST /1.0/instances``."""

    def test_created(self) -> None:
        """It is 202 with an operation that has ended, and the instance is there."""
        document = {"name": "c2", "source": NONE, "profiles": None, "config": None}
        response = self.talk.ask("POST", "/1.0/instances", document)
        self.assertEqual(response.status, 202)
        envelope = json.loads(response.body)
        self.assertEqual(envelope["type"], "async")
        operation = envelope["metadata"]
        self.assertEqual(operation["status_code"], 200)
        self.assertEqual(operation["description"], "Creating instance")
        self.assertEqual(operation["resources"], {"instances": ["/1.0/instances/c2"]})
        self.assertEqual(response.headers["location"], envelope["operation"])
        made = self.talk.get("/1.0/instances/c2")
        self.assertEqual(made["profiles"], ["default"])
        self.assertEqual(made["created_at"], "2026-01-02T03:04:05Z")
        self.assertEqual((made["architecture"], made["type"]), ("x86_64", "container"))

    def test_whole(self) -> None:
        """It is what the document says, but for keys without a value."""
        self.talk.succeed("POST", "/1.0/profiles", {"name": "p1"})
        self.create(
            "vm",
            type="virtual-machine",
            architecture="aarch64",
            description="Text",
            config={"user.b": "2", "user.c": ""},
            devices={"eth0": {"type": "nic", "mtu": ""}},
            profiles=["p1"],
            ephemeral=True,
            stateful=True,
        )
        made = self.talk.get("/1.0/instances/vm")
        self.assertEqual(made["type"], "virtual-machine")
        self.assertEqual(made["architecture"], "aarch64")
        self.assertEqual(made["description"], "Text")
        self.assertEqual(made["config"]["user.b"], "2")
        self.assertNotIn("user.c", made["config"])
        self.assertEqual(made["devices"], {"eth0": {"type": "nic"}})
        self.assertEqual(made["profiles"], ["p1"])
        self.assertIs(made["ephemeral"], True)
        self.assertIs(made["stateful"], True)

    def test_no_life(self) -> None:
        """A new one keeps ids that it brings, and has no life before it begins."""
        config = {UUID: "u", INSTANCE_ID: "i", BOOT: "b", READY: "true"}
        self.create("c2", config=config)
        self.assertEqual(
            self.config("/1.0/instances/c2"), {UUID: "u", INSTANCE_ID: "i"}
        )

    def test_nameless(self) -> None:
        """Who gives no name is told the one that was made."""
        [url] = self.create("")["resources"]["instances"]
        self.assertRegex(url, "^/1.0/instances/new-")
        self.assertEqual(self.talk.get(url)["name"], url.rpartition("/")[2])

    def test_defaults(self) -> None:
        """By itself a host makes names, and knows its architecture and the time."""
        known = self.talk.host
        host = Host(
            known.store,
            known.instances,
            known.profiles,
            known.projects,
            known.runtime,
            known.operations,
            "host",
            known.announcer,
            known.images,
            known.aliases,
        )
        self.assertRegex(host.new_name(), "^instance-[0-9a-f]{8}$")
        self.assertNotEqual(host.new_name(), host.new_name())
        self.assertEqual(host.architecture, platform.machine())
        self.assertIsNotNone(host.now().tzinfo)

    def test_taken(self) -> None:
        """A name that is taken is 409."""
        refused = self.talk.refusal(
            "POST", "/1.0/instances", {"name": "c1", "source": NONE}
        )
        self.assertEqual(refused, (409, "Instance already exists"))

    def test_nonsense(self) -> None:
        """What LXD would refuse is refused in its form, and nothing is made."""
        for fields, status, text in (
            ({"name": "a b"}, 400, "Invalid name 'a b'"),
            ({"type": "jail"}, 400, "Invalid instance type 'jail'"),
            ({"config": {"usr.a": "1"}}, 400, "Invalid config: Unknown"),
            ({"devices": {"d": {}}}, 400, "Invalid devices: Device 'd' has no type"),
            ({"profiles": ["p"]}, 404, 'Requested profile "p" doesn\'t exist'),
            ({"profiles": "p"}, 400, "Invalid profiles: not a list"),
            ({"source": None}, 400, "Unknown source type"),
            ({"source": {"type": "migration"}}, 400, "Unknown source type migration"),
            ({"source": {"type": "image"}}, 400, "Must specify one of alias"),
            ({"source": {"type": "image", "alias": "x"}}, 404, "Image not found"),
            ({"source": {"type": "image", "fingerprint": "0"}}, 404, "Image not found"),
            ({"source": {"type": "image", "server": "x"}}, 400, "Images of other"),
            ({"source": {"type": "copy"}}, 400, "Invalid name ''"),
            ({"source": {"type": "copy", "source": "x"}}, 404, "Instance not found"),
            ({"instance_type": "t2.micro"}, 400, "Instance types by size"),
        ):
            document: object = {"name": "c2", "source": NONE, **fields}
            refused = self.talk.refusal("POST", "/1.0/instances", document)
            self.assertEqual(refused[0], status, fields)
            self.assertTrue(refused[1].startswith(text), refused[1])
        self.assertEqual(self.talk.get("/1.0/instances"), [URL])

    def test_copied(self) -> None:
        """A copy has what the other has, with ids of its own and without a life."""
        self.life()
        nic = {"type": "nic"}
        patch = {
            "config": {"volatile.eth0.hwaddr": "x"},
            "devices": {"eth0": nic},
            "description": "Text",
        }
        self.talk.succeed("PATCH", URL, patch)
        source = {"type": "copy", "source": "c1"}
        self.create("c2", source=source, config={**self.config(), "user.b": "2"})
        copied = self.talk.get("/1.0/instances/c2")
        config = copied["config"]
        self.assertEqual((config["user.a"], config["user.b"]), ("1", "2"))
        hwaddr = "volatile.eth0.hwaddr"
        self.assertEqual({*config}, {"user.a", "user.b", hwaddr, UUID, INSTANCE_ID})
        self.assertNotEqual(config[UUID], self.config()[UUID])
        self.assertEqual(copied["devices"], {"eth0": nic})
        self.assertEqual(copied["description"], "Text")
        self.assertEqual(copied["profiles"], ["default"])

    def test_copied_from_elsewhere(self) -> None:
        """The other may be in another project, and less of it may be wanted."""
        self.talk.succeed("POST", "/1.0/projects", {"name": "lab"})
        self.talk.succeed("PATCH", URL, {"config": {"volatile.eth0.hwaddr": "x"}})
        source = {"type": "copy", "source": "c1", "project": "default"}
        self.create("c2", "?project=lab", source=source, profiles=[])
        copied = self.talk.get("/1.0/instances/c2?project=lab")
        self.assertEqual((copied["project"], copied["profiles"]), ("lab", []))
        self.assertEqual({*copied["config"]}, {"user.a", UUID, INSTANCE_ID})


class EndTests(InstancesCase):
    """``POST`` and ``DELETE`` of ``/1.0/instances/NAME``."""

    def test_renamed(self) -> None:
        """It is there by its new name, with another instance-id."""
        before = self.config()
        operation = self.talk.succeed("POST", URL, {"name": "c2", "migration": False})
        self.assertEqual(operation["description"], "Renaming instance")
        self.assertEqual(operation["resources"], {"instances": ["/1.0/instances/c2"]})
        self.assertEqual(self.talk.refusal("GET", URL), (404, "Instance not found"))
        after = self.config("/1.0/instances/c2")
        self.assertEqual(after[UUID], before[UUID])
        self.assertNotEqual(after[INSTANCE_ID], before[INSTANCE_ID])

    def test_not_renamed(self) -> None:
        """A name that is taken or none, another place, a running one: refused."""
        self.create("c2")
        for document, refusal in (
            ({"name": "c2"}, (409, "Instance already exists")),
            ({"name": "c1"}, (409, "Instance already exists")),
            ({}, (400, "Invalid name ''")),
            (
                {"name": "c3", "migration": True},
                (400, "Instances cannot be moved to another place"),
            ),
        ):
            self.assertEqual(self.talk.refusal("POST", URL, document), refusal)
        self.life()
        self.assertEqual(
            self.talk.refusal("POST", URL, {"name": "c3"}),
            (400, "Renaming of running instance not allowed"),
        )
        self.assertEqual(len(self.talk.get("/1.0/instances")), 2)

    def test_deleted(self) -> None:
        """It is gone; one that runs, or is not there, is refused."""
        self.life()
        self.assertEqual(self.talk.refusal("DELETE", URL), (400, "Instance is running"))
        del self.talk.lives.pids[C1]
        operation = self.talk.succeed("DELETE", URL)
        self.assertEqual(operation["description"], "Deleting instance")
        self.assertEqual(self.talk.refusal("DELETE", URL), (404, "Instance not found"))

    def test_project(self) -> None:
        """An operation on an instance of a project names that."""
        self.talk.store.instances.create(Instance(InstanceName("lab", "c1")))
        operation = self.talk.succeed("DELETE", f"{URL}?project=lab")
        self.assertEqual(operation["resources"]["instances"], [f"{URL}?project=lab"])
        self.assertEqual(self.talk.get("/1.0/instances"), [URL])
