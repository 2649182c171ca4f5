"""Tests of what ``devlxdctl`` does with instances."""

from __future__ import annotations

from tests.client.sockets import listening
from tests.ctl.hosting import CtlTestCase
from tests.ctl.instanceservice import InstanceService, instance


class InstanceTests(CtlTestCase):
    """Instances, of a host that takes its time for each change."""

    def setUp(self) -> None:
        """A host with two instances."""
        self.service = InstanceService(
            {
                "c1": instance("c1", config={"user.a": "1"}),
                "c2": instance(
                    "c2",
                    profiles=["default", "x" * 70],
                    project="other",
                    status="Ready",
                ),
            }
        )
        self.path = listening(self, self.service.site())

    async def test_list(self) -> None:
        """Instances are listed in 80 columns, or by name, or as documents."""
        lines = (await self.said("list")).splitlines()
        self.assertEqual(lines[0], "NAME  TYPE       STATUS   PROFILES")
        self.assertEqual(lines[1], "c1    container  Running  default")
        self.assertEqual(lines[2], f"c2    container  Ready    default, {'x' * 44}…")
        self.assertEqual(len(lines[2]), 80)
        self.assertEqual(await self.said("list", "--names"), "c1\nc2\n")
        self.assertEqual(
            await self.document("list"), [*self.service.instances.values()]
        )

    async def test_list_all(self) -> None:
        """With those of all projects, the project is told."""
        lines = (await self.said("--project", "x", "list", "--all-projects")).split(
            "\n"
        )
        self.assertEqual(lines[0], "NAME  PROJECT  TYPE       STATUS   PROFILES")
        self.assertEqual(lines[1], "c1    default  container  Running  default")
        self.assertIn("other", lines[2])
        self.assertEqual(
            self.service.asked, ["GET /1.0/instances?recursion=1&all-projects=true"]
        )

    async def test_project(self) -> None:
        """A project is named to the host."""
        await self.said("--project", "a b", "list")
        self.assertEqual(
            self.service.asked, ["GET /1.0/instances?recursion=1&project=a+b"]
        )

    async def test_show(self) -> None:
        """An instance is shown as what may be edited, or with all that it gets."""
        self.assertEqual(
            await self.said("show", "c1"),
            "name: c1\ntype: container\narchitecture: x86_64\nprofiles:\n- default\n"
            "ephemeral: false\nstateful: false\ndescription: ''\n"
            "config:\n  user.a: '1'\ndevices: {}\n",
        )
        self.assertEqual(
            await self.said("show", "c1", "--expanded"),
            "config:\n  user.a: '1'\n  user.of: profile\n"
            "devices:\n  root:\n    path: /\n    type: disk\n",
        )
        self.assertEqual(
            await self.document("show", "c1"), self.service.instances["c1"]
        )

    async def test_get(self) -> None:
        """A value may be one that comes from a profile."""
        self.assertEqual(await self.said("get", "-e", "c1", "user.of"), "profile")
        await self.failed(4, "get c1 user.of: not set", "get", "c1", "user.of")

    async def test_create(self) -> None:
        """An instance is made of what the command line says, and waited for."""
        await self.said(
            *("create", "c3", "--type", "virtual-machine", "-p", "a", "-p", "b"),
            *("-c", "user.x=1"),
        )
        self.assertEqual(
            self.service.instances["c3"],
            {
                "name": "c3",
                "type": "virtual-machine",
                "description": "",
                "source": {"type": "none"},
                "profiles": ["a", "b"],
                "config": {"user.x": "1"},
                "devices": {},
            },
        )
        self.assertEqual(self.service.asked, ["GET /1.0/operations/1/wait"])
        await self.said("create", "c4")
        self.assertIsNone(self.service.instances["c4"]["profiles"])
        await self.said("create", "c5", "--no-profiles")
        self.assertEqual(self.service.instances["c5"]["profiles"], [])

    async def test_failed(self) -> None:
        """An operation that fails is told with its reason: 1."""
        for outcome, complaint in (
            ((400, "no room"), "no room"),
            ((401, ""), "The operation failed"),
        ):
            self.service.outcome = outcome
            await self.failed(1, f"create c9: {complaint}", "create", "c9")

    async def test_change(self) -> None:
        """Keys, profiles and names are changed; what is not known is not sent."""
        await self.said("set", "c1", "user.b=2")
        await self.said("assign", "c1", "web", "default")
        c1 = self.service.instances["c1"]
        self.assertEqual(c1["config"], {"user.a": "1", "user.b": "2"})
        self.assertEqual(c1["profiles"], ["web", "default"])
        await self.said("rename", "c1", "c9")
        self.assertIs(self.service.instances["c9"], c1)
        await self.said("delete", "c2", "c9")
        self.assertEqual(self.service.instances, {})

    async def test_devices(self) -> None:
        """The devices of an instance may be those that come from profiles."""
        self.assertEqual(await self.document("device", "list", "c1"), {})
        self.assertEqual(
            await self.document("device", "list", "c1", "-e"),
            {"root": {"path": "/", "type": "disk"}},
        )

    async def test_register(self) -> None:
        """The init process is told to the host."""
        await self.said("register", "c1", "4711")
        self.assertEqual(self.service.inits, {"c1": 4711})
