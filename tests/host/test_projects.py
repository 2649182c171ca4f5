"""``/1.0/projects``: what an operator does with projects."""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from devlxd.errors import Conflict
from devlxd.host.projectlist import FEATURES, Project
from devlxd.interfaces import IDraft
from devlxd.model.instance import Instance, Profile
from devlxd.model.names import InstanceName, ProfileName
from tests.host.talk import Talk

LAB = "/1.0/projects/lab"


class ProjectsTests(SynchronousTestCase):
    """Projects in LXD's form."""

    def setUp(self) -> None:
        """A host with one project more than there always is."""
        self.talk = Talk()
        response = self.talk.ask("POST", "/1.0/projects", {"name": "lab"})
        self.assertEqual(response.status, 201)
        self.assertEqual(response.headers["location"], LAB)

    def test_list(self) -> None:
        """Projects are told by their place, or with recursion themselves."""
        self.assertEqual(self.talk.get("/1.0/projects"), ["/1.0/projects/default", LAB])
        whole = self.talk.get("/1.0/projects?recursion=1")
        self.assertEqual([each["name"] for each in whole], ["default", "lab"])

    def test_get(self) -> None:
        """A project has LXD's fields, and says what is in it."""
        self.talk.store.instances.create(Instance(InstanceName("lab", "c1")))
        self.talk.store.profiles.create(Profile(ProfileName("lab", "p1")))
        self.assertEqual(
            self.talk.get(LAB),
            {
                "config": FEATURES,
                "description": "",
                "name": "lab",
                "used_by": [
                    "/1.0/instances/c1?project=lab",
                    "/1.0/profiles/default?project=lab",
                    "/1.0/profiles/p1?project=lab",
                ],
            },
        )

    def test_changed(self) -> None:
        """PUT replaces description and config, PATCH changes some of them."""
        config = {"user.a": "1", "user.none": ""}
        self.talk.succeed("PUT", LAB, {"description": "x", "config": config})
        self.assertEqual(self.talk.get(LAB)["config"], {**FEATURES, "user.a": "1"})
        document = {"config": {"user.a": None, "user.b": "2"}}
        self.assertEqual(self.talk.succeed("PATCH", LAB, document), {})
        project = self.talk.get(LAB)
        self.assertEqual(project["config"], {**FEATURES, "user.b": "2"})
        self.assertEqual(project["description"], "x")
        self.talk.succeed("PUT", LAB, {})
        self.assertEqual(self.talk.get(LAB)["config"], FEATURES)

    def test_etag(self) -> None:
        """Who changes what it has not seen is refused with 412."""
        seen = {"If-Match": self.talk.ask("GET", LAB).headers["etag"]}
        document = {"description": "x"}
        self.assertEqual(self.talk.ask("PATCH", LAB, document, seen).status, 200)
        self.assertEqual(self.talk.refusal("PATCH", LAB, {}, seen)[0], 412)

    def test_refused(self) -> None:
        """What LXD would refuse, and what would be another thing here than there."""
        for document, status, text in (
            ({"name": "lab"}, 409, "A project by that name already exists"),
            ({"name": "a b"}, 400, "Invalid project name 'a b'"),
            (
                {"name": "x", "config": {"usr.a": "1"}},
                400,
                "Invalid project configuration key 'usr.a'",
            ),
            (
                {"name": "x", "config": {"features.profiles": "false"}},
                400,
                "features.profiles must be true: projects share nothing here",
            ),
        ):
            refused = self.talk.refusal("POST", "/1.0/projects", document)
            self.assertEqual(refused, (status, text))
        for method in ("GET", "PUT", "PATCH", "DELETE"):
            refused = self.talk.refusal(method, "/1.0/projects/none", {})
            self.assertEqual(refused, (404, "Project not found"))

    def test_made_at_once(self) -> None:
        """Of two who make the same one at once, one is refused."""
        create = self.talk.host.projects.create
        done: list[Deferred[object]] = []

        def meanwhile(draft: IDraft) -> None:
            done.extend(create(Project("new")) for _ in range(2))

        self.talk.store.transact(meanwhile)
        first, second = done
        self.successResultOf(first)
        self.failureResultOf(second, Conflict)

    def test_deleted(self) -> None:
        """An empty one goes; the default one and one that is used stay."""
        name = InstanceName("lab", "c1")
        self.talk.store.instances.create(Instance(name))
        self.assertEqual(
            self.talk.refusal("DELETE", LAB),
            (400, "Only empty projects can be removed"),
        )
        self.talk.store.instances.delete(name)
        self.talk.succeed("DELETE", LAB)
        self.assertEqual(self.talk.get("/1.0/projects"), ["/1.0/projects/default"])
        self.assertEqual(
            self.talk.refusal("DELETE", "/1.0/projects/default"),
            (403, "The 'default' project cannot be deleted"),
        )

    def test_renamed(self) -> None:
        """An empty one gets another name, in an operation."""
        response = self.talk.ask("POST", LAB, {"name": "shop"})
        self.assertEqual(response.status, 202)
        url = response.headers["location"]
        self.assertEqual(self.talk.get(url)["description"], "Renaming project")
        self.assertEqual(self.talk.get("/1.0/projects/shop")["name"], "shop")
        self.talk.store.instances.create(Instance(InstanceName("shop", "c1")))
        self.assertEqual(
            self.talk.refusal("POST", "/1.0/projects/shop", {"name": "lab"}),
            (400, "Only empty projects can be renamed"),
        )
        self.assertEqual(
            self.talk.refusal("POST", "/1.0/projects/default", {"name": "lab"}),
            (403, "The 'default' project cannot be renamed"),
        )
