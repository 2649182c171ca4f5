"""``/1.0/events`` of the host, as an operator hears it."""

from __future__ import annotations

import json
from typing import Any

from attrs import evolve
from twisted.internet.defer import fail
from twisted.trial.unittest import SynchronousTestCase

from devlxd.events.feed import Feed
from devlxd.events.sink import Backlog
from devlxd.events.stream import HEAD
from devlxd.guest.api import guest_api
from devlxd.guest.door import Door
from devlxd.identity.assumed import Assumed
from devlxd.model.instance import Instance
from devlxd.model.names import InstanceName, ProfileName
from devlxd.web.bounds import Bounds
from devlxd.web.dialects import Plain
from devlxd.web.site import Site
from tests.host import tarballs
from tests.host.talk import OpenDoor, Talk
from tests.web.wire import READ_SIZE, Wire

C1 = InstanceName("default", "c1")
C2 = InstanceName("lab", "c2")
P1 = ProfileName("default", "p1")

_OPENING = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


class EventsCase(SynchronousTestCase):
    """A host with listeners."""

    def setUp(self) -> None:
        """Serve."""
        self.talk = Talk()
        self.store = self.talk.store

    def listen(self, query: str = "") -> Wire:
        """Listen to a stream, past its head."""
        wire = self.talk.connect()
        wire.send(f"GET /1.0/events{query} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        self.assertEqual(wire.received, HEAD)
        wire.received = b""
        return wire

    def heard(self, wire: Wire) -> list[Any]:
        """What came, as documents."""
        wire.go_on()
        return [json.loads(line) for line in wire.received.splitlines()]

    def actions(self, wire: Wire) -> list[str]:
        """The actions of the lifecycle events that came."""
        return [each["metadata"]["action"] for each in self.heard(wire)]


class FormTests(EventsCase):
    """What goes over the wire."""

    def test_lifecycle(self) -> None:
        """An event is a line with LXD's keys in LXD's order."""
        wire = self.listen()
        self.store.instances.create(Instance(C1))
        wire.go_on()
        self.assertEqual(
            wire.received,
            b'{"type":"lifecycle","timestamp":"2001-09-09T01:46:40Z","metadata":'
            b'{"action":"instance-created","source":"/1.0/instances/c1"},'
            b'"location":"none","project":"default"}\n',
        )

    def test_operation(self) -> None:
        """An operation is told whole."""
        wire = self.listen("?type=operation")
        resources = {"instances": ["/1.0/instances/<c1>"]}
        operation = self.talk.host.operations.add("Doing", resources)
        [event] = self.heard(wire)
        self.assertEqual(event["type"], "operation")
        self.assertEqual(event["metadata"], operation.document())
        self.assertEqual((event["location"], event["project"]), ("none", "default"))
        self.assertIn(b"\\u003cc1\\u003e", wire.received)

    def test_websocket(self) -> None:
        """Who asks for a WebSocket gets messages, after a ping."""
        wire = self.talk.connect()
        lines = ["GET /1.0/events HTTP/1.1", "Host: x"]
        lines += [f"{name}: {value}" for name, value in _OPENING.items()]
        wire.send("\r\n".join([*lines, "", ""]).encode())
        head, _, rest = wire.received.partition(b"\r\n\r\n")
        self.assertTrue(head.startswith(b"HTTP/1.1 101 "))
        self.assertEqual(rest, b"\x89\x00")
        self.store.instances.create(Instance(C1))
        wire.go_on()
        message = wire.received.partition(b"\r\n\r\n\x89\x00")[2]
        self.assertEqual(message[:2], b"\x81\x7e")
        self.assertIn(b"instance-created", message)

    def test_bad_opening(self) -> None:
        """A bad opening is refused in the form of this API."""
        status, text = self.talk.refusal(
            "GET", "/1.0/events", headers={"Upgrade": "websocket"}
        )
        self.assertEqual(status, 400)
        self.assertTrue(text.startswith("Bad Request"))

    def test_slow(self) -> None:
        """A listener that does not read is let go; others hear on."""
        self.talk = Talk(backlog=Backlog(count=3))
        slow, other = self.listen(), self.listen()
        slow.reads = False
        count = READ_SIZE // 100
        for _ in range(count):
            self.talk.host.operations.add("Doing", {})
            other.go_on()
        self.assertEqual(self.talk.host.announcer.broadcast.listeners("default"), 1)
        self.assertEqual(len(self.heard(other)), count)


class SelectionTests(EventsCase):
    """Who hears what."""

    def test_types(self) -> None:
        """Only the types that were asked for are told; unless told, all of them."""
        queries = ["", "?type=", "?type=lifecycle", "?type=operation,lifecycle"]
        queries += ["?type=logging", "?type=operation"]
        wires = [self.listen(query) for query in queries]
        self.store.instances.create(Instance(C1))
        self.talk.host.operations.add("Doing", {})
        self.assertEqual(
            ["".join(each["type"][0] for each in self.heard(wire)) for wire in wires],
            ["lo", "lo", "l", "lo", "", "o"],
        )

    def test_unknown_type(self) -> None:
        """A type that there is not is refused, those of guests included."""
        for query, name in (
            ("config", "config"),
            ("lifecycle,x", "x"),
            ("lifecycle,", ""),
            ("lifecycle,%20operation", " operation"),
        ):
            self.assertEqual(
                self.talk.refusal("GET", f"/1.0/events?type={query}", None, _OPENING),
                (400, f'"{name}" isn\'t a supported event type'),
            )

    def test_projects(self) -> None:
        """Each project's events are told to those who asked for it, or for all."""
        self.store.instances.create(Instance(C2))
        queries = ("", "?project=lab", "?all-projects=true")
        wires = [self.listen(query) for query in queries]
        self.store.instances.create(Instance(C1))
        self.store.instances.delete(C2)
        self.talk.host.operations.add(
            "Doing", {"instances": ["/1.0/instances/c2?project=lab"]}
        )
        projects = [[each["project"] for each in self.heard(wire)] for wire in wires]
        self.assertEqual(
            projects, [["default"], ["lab", "lab"], ["default", "lab", "lab"]]
        )

    def test_unknown_project(self) -> None:
        """A project that there is not is refused."""
        status, _ = self.talk.refusal("GET", "/1.0/events?project=nope")
        self.assertEqual(status, 404)

    def test_strangers(self) -> None:
        """Who may not manage the host hears nothing."""
        self.talk = Talk(door=OpenDoor(trusts=False))
        self.assertEqual(self.talk.refusal("GET", "/1.0/events")[0], 403)

    def test_gone(self) -> None:
        """Who has gone leaves nothing behind."""
        wire = self.listen("?all-projects=1")
        broadcast = self.talk.host.announcer.broadcast
        self.assertEqual(broadcast.listeners(), 1)
        wire.vanish()
        self.assertEqual(broadcast.listeners(), 0)


class LifeTests(EventsCase):
    """Changes of all kinds, whoever makes them."""

    def test_instance(self) -> None:
        """An instance's life is told from its creation to its end."""
        wire = self.listen("?all-projects=true")
        self.store.instances.create(Instance(C1))
        self.store.instances.update(C1, lambda old: evolve(old, description="Text"))
        self.store.transact(lambda draft: draft.rename_instance(C1, C2))
        self.talk.host.announcer.ready(C2)
        self.talk.host.announcer.ready(C2)
        self.store.instances.delete(C2)
        self.assertEqual(
            self.actions(wire),
            [
                *("instance-created", "instance-updated", "instance-renamed"),
                *("instance-ready", "instance-ready", "instance-deleted"),
            ],
        )

    def test_profile(self) -> None:
        """So is a profile's, its edits with those of its users."""
        wire = self.listen()
        self.talk.succeed("POST", "/1.0/profiles", {"name": "p1"})
        self.store.instances.create(Instance(C1, profiles=("p1",)))
        self.store.profiles.update(P1, lambda old: evolve(old, description="Text"))
        self.talk.succeed("POST", "/1.0/profiles/p1", {"name": "p2"})
        self.store.instances.delete(C1)
        self.talk.succeed("DELETE", "/1.0/profiles/p2")
        self.assertEqual(
            self.actions(wire),
            [
                *("profile-created", "instance-created"),
                *("profile-updated", "instance-updated"),
                *("profile-renamed", "instance-updated"),
                *("instance-deleted", "profile-deleted"),
            ],
        )
        renamed = self.heard(wire)[4]["metadata"]
        self.assertEqual(renamed["context"], {"old_name": "p1"})

    def test_project(self) -> None:
        """So is a project's, to those who listen to it or to all."""
        every, default = self.listen("?all-projects=true"), self.listen()
        self.talk.succeed("POST", "/1.0/projects", {"name": "lab"})
        self.talk.succeed("PATCH", "/1.0/projects/lab", {"description": "Text"})
        lab = self.listen("?project=lab")
        self.talk.succeed("PUT", "/1.0/projects/lab", {})
        self.talk.succeed("POST", "/1.0/projects/lab", {"name": "shop"})
        self.talk.succeed("DELETE", "/1.0/projects/shop")
        told = [each for each in self.heard(every) if each["type"] == "lifecycle"]
        self.assertEqual(
            [(each["metadata"]["action"], each["project"]) for each in told],
            [
                *(("project-created", "lab"), ("project-updated", "lab")),
                *(("project-updated", "lab"), ("project-renamed", "shop")),
                ("project-deleted", "shop"),
            ],
        )
        self.assertEqual(self.actions(lab), ["project-updated"])
        self.assertEqual([x["type"] for x in self.heard(default)], ["operation"])

    def test_project_refused(self) -> None:
        """What was not done to a project is not told."""
        wire = self.listen("?all-projects=true")
        self.talk.refusal("POST", "/1.0/projects", {"name": "a b"})
        self.talk.refusal("DELETE", "/1.0/projects/default")
        self.talk.refusal("POST", "/1.0/projects/default", {"name": "lab"})
        self.assertEqual(self.heard(wire), [])


class GuestTests(EventsCase):
    """What a guest does."""

    def setUp(self) -> None:
        """Serve the guest API of an instance, too."""
        super().setUp()
        config = {"security.devlxd.images": "true"}
        self.store.instances.create(Instance(C1, config=config))
        announcer = self.talk.host.announcer
        api = guest_api(
            self.store.instances,
            self.talk.images,
            Feed(self.store.journal, self.talk.clock, lambda: 10**18),
            Plain(),
            "host",
            announcer.ready,
            announcer.retrieved,
        )
        door = Door(Assumed(C1), self.store.instances, 9)
        self.site = Site(api, door, Plain(), Bounds(), self.talk.clock)

    def ask(self, what: str, body: str = "") -> int:
        """The status of the answer to what the guest asks."""
        wire = Wire(self.talk.clock)
        wire.protocol = self.site.buildProtocol(None)
        wire.protocol.makeConnection(wire)
        head = f"{what} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
        return wire.ask((head + body).encode()).status

    def say(self, state: str) -> int:
        """Say in which state the instance is."""
        return self.ask("PATCH /1.0", json.dumps({"state": state}))

    def test_ready(self) -> None:
        """Each time that it says it is ready is told, and nothing else of it is."""
        wire = self.listen()
        for state in ("Ready", "Ready", "Started", "Ready", "nonsense"):
            self.say(state)
        self.assertEqual(self.actions(wire), ["instance-ready"] * 3)

    def test_retrieved(self) -> None:
        """Each time that it fetches an image is told."""
        public = tarballs.imported(
            self.talk, tarballs.image(), {"X-LXD-public": "true"}
        )
        hidden = tarballs.imported(self.talk, tarballs.image("xz"))
        wire = self.listen()
        for name, status in ((public, 200), (hidden, 404), (public, 200)):
            self.assertEqual(self.ask(f"GET /1.0/images/{name}/export"), status)
        sources = [event["metadata"]["source"] for event in self.heard(wire)]
        self.assertEqual(sources, [f"/1.0/images/{public}"] * 2)
        self.assertEqual(self.actions(wire), ["image-retrieved"] * 2)

    def test_not_written_down(self) -> None:
        """What could not be written down is not told."""
        wire = self.listen()
        self.store.use(lambda work: fail(OSError("broken disk")))
        self.assertEqual(self.say("Ready"), 500)
        self.assertEqual(self.actions(wire), [])
        self.assertEqual(len(self.flushLoggedErrors(OSError)), 1)
