"""``/1.0/profiles``: what an operator does with profiles."""

from __future__ import annotations

import json

from twisted.trial.unittest import SynchronousTestCase

from devlxd.model.instance import Instance
from devlxd.model.names import InstanceName
from tests.host.talk import Talk

C1 = InstanceName("default", "c1")


class ProfilesTests(SynchronousTestCase):
    """Profiles in LXD's form."""

    def setUp(self) -> None:
        """A host with one profile more than there always is."""
        self.talk = Talk()
        self.talk.succeed(
            "POST",
            "/1.0/profiles",
            {"name": "p1", "config": {"user.a": "1"}, "devices": None},
        )

    def test_list(self) -> None:
        """Profiles are told by their place, or with recursion themselves."""
        self.assertEqual(
            self.talk.get("/1.0/profiles"),
            ["/1.0/profiles/default", "/1.0/profiles/p1"],
        )
        whole = self.talk.get("/1.0/profiles?recursion=1")
        self.assertEqual([each["name"] for each in whole], ["default", "p1"])

    def test_get(self) -> None:
        """A profile has LXD's fields, and says who uses it."""
        self.talk.store.instances.create(Instance(C1, profiles=("p1",)))
        self.assertEqual(
            self.talk.get("/1.0/profiles/p1"),
            {
                "config": {"user.a": "1"},
                "description": "",
                "devices": {},
                "name": "p1",
                "used_by": ["/1.0/instances/c1"],
            },
        )

    def test_created(self) -> None:
        """Making one is 201, and says where it is; making it again is 409."""
        response = self.talk.ask("POST", "/1.0/profiles", {"name": "p2"})
        self.assertEqual(response.status, 201)
        self.assertEqual(response.headers.get("location"), "/1.0/profiles/p2")
        again = self.talk.refusal("POST", "/1.0/profiles", {"name": "p2"})
        self.assertEqual(again, (409, "Profile already exists"))

    def test_replaced(self) -> None:
        """PUT replaces all of it, and changes those who use it; empty means unset."""
        self.talk.store.instances.create(Instance(C1, profiles=("p1",)))
        nic = {"type": "nic"}
        document = {"config": {"user.b": "2", "user.c": ""}, "devices": {"eth0": nic}}
        self.talk.succeed("PUT", "/1.0/profiles/p1", document)
        profile = self.talk.get("/1.0/profiles/p1")
        self.assertEqual(profile["config"], {"user.b": "2"})
        self.assertEqual(profile["devices"], {"eth0": nic})
        state = self.talk.store.instances.get(C1)
        self.assertEqual(state.config.get("user.b"), "2")
        self.assertNotIn("user.a", state.config)

    def test_patched(self) -> None:
        """PATCH changes what it names and leaves the rest."""
        document = {"config": {"user.b": "2"}, "devices": {"root": {"type": "disk"}}}
        self.talk.succeed("PATCH", "/1.0/profiles/p1", document)
        self.talk.succeed(
            "PATCH",
            "/1.0/profiles/p1",
            {"config": {"user.a": None}, "devices": {"root": None}, "description": "x"},
        )
        profile = self.talk.get("/1.0/profiles/p1")
        self.assertEqual(profile["config"], {"user.b": "2"})
        self.assertEqual((profile["devices"], profile["description"]), ({}, "x"))

    def test_etag(self) -> None:
        """Who changes what it has not seen is refused with 412, and nothing changes."""
        etag = self.talk.ask("GET", "/1.0/profiles/p1").headers.get("etag")
        assert etag is not None
        seen = {"If-Match": etag}
        first = {"config": {"user.a": "2"}}
        put = ("PUT", "/1.0/profiles/p1")
        self.assertEqual(self.talk.ask(*put, first, seen).status, 200)
        status, text = self.talk.refusal(*put, {"config": {"user.a": "3"}}, seen)
        self.assertEqual(status, 412)
        self.assertTrue(text.startswith("ETag doesn't match: "))
        config = self.talk.get("/1.0/profiles/p1")["config"]
        self.assertEqual(config, {"user.a": "2"})

    def test_renamed(self) -> None:
        """Those who use it use it by its new name; the default keeps its own."""
        self.talk.store.instances.create(Instance(C1, profiles=("default", "p1")))
        self.talk.succeed("POST", "/1.0/profiles/p1", {"name": "p2"})
        state = self.talk.store.instances.get(C1)
        self.assertEqual(state.instance.profiles, ("default", "p2"))
        self.assertEqual(state.config["user.a"], "1")
        self.assertEqual(
            self.talk.refusal("GET", "/1.0/profiles/p1"), (404, "Profile not found")
        )
        status, _ = self.talk.refusal("POST", "/1.0/profiles/default", {"name": "x"})
        self.assertEqual(status, 403)

    def test_deleted(self) -> None:
        """One that is used stays; the other goes."""
        self.talk.store.instances.create(Instance(C1, profiles=("p1",)))
        self.assertEqual(
            self.talk.refusal("DELETE", "/1.0/profiles/p1"),
            (400, "Profile is currently in use"),
        )
        self.talk.store.instances.delete(C1)
        self.talk.succeed("DELETE", "/1.0/profiles/p1")
        self.assertEqual(self.talk.get("/1.0/profiles"), ["/1.0/profiles/default"])
        self.assertEqual(
            self.talk.refusal("DELETE", "/1.0/profiles/default"),
            (403, 'The "default" profile cannot be deleted'),
        )

    def test_projects(self) -> None:
        """A project has profiles of its own; an unknown one is 404."""
        self.talk.store.instances.create(Instance(InstanceName("lab", "c1")))
        self.talk.succeed("POST", "/1.0/profiles?project=lab", {"name": "p9"})
        self.assertEqual(
            self.talk.get("/1.0/profiles?project=lab"),
            ["/1.0/profiles/default?project=lab", "/1.0/profiles/p9?project=lab"],
        )
        self.assertEqual(len(self.talk.get("/1.0/profiles?all-projects=true")), 4)
        self.assertEqual(
            self.talk.refusal("GET", "/1.0/profiles?project=none"),
            (404, "Project not found"),
        )

    def test_nonsense(self) -> None:
        """What is no such document is refused in LXD's form."""
        for document, text in (
            ({"name": "a b"}, "Invalid name 'a b'"),
            ({"name": "x", "config": {"usr.a": "1"}}, "Invalid config: Unknown"),
            ({"name": "x", "config": []}, "Invalid config: not a map"),
            ({"name": "x", "config": {"user.a": 1}}, "Invalid config: the value of"),
            ({"name": "x", "devices": {"d": {}}}, "Invalid devices: Device 'd'"),
            ([], "Invalid request body: not an object"),
        ):
            status, said = self.talk.refusal("POST", "/1.0/profiles", document)
            self.assertEqual(status, 400, document)
            self.assertTrue(said.startswith(text), said)

    def test_form(self) -> None:
        """Envelopes are LXD's, byte for byte."""
        response = self.talk.ask("GET", "/1.0/profiles/none")
        self.assertEqual(
            response.body,
            b'{"type":"error","status":"","status_code":0,"operation":"",'
            b'"error_code":404,"error":"Profile not found","metadata":null}\n\n',
        )
        self.assertEqual(response.headers.get("x-content-type-options"), "nosniff")
        body = self.talk.ask("GET", "/1.0/profiles").body
        self.assertTrue(body.startswith(b'{"type":"sync","status":"Success",'))
        self.assertEqual(json.loads(body)["status_code"], 200)

    def test_untrusted(self) -> None:
        """Who may not manage the host is told nothing but that."""
        self.talk.door.trusts = False
        for method in ("GET", "DELETE", "FOO"):
            refused = self.talk.refusal(method, "/1.0/profiles")
            self.assertEqual(refused, (403, "Forbidden"))
