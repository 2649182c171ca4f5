"""Tests of ``devlxdctl profile``, and so of what instances have in common with them."""

from __future__ import annotations

import io

from twisted.internet.defer import Deferred, gatherResults

from devlxd.model.instance import Profile
from devlxd.model.names import ProfileName
from tests.ctl.hosting import HostTestCase


class ProfileTests(HostTestCase):
    """Config, devices and the rest of a profile."""

    def setUp(self) -> None:
        """A host with a profile."""
        super().setUp()
        self.successResultOf(
            self.talk.store.profiles.create(
                Profile(ProfileName("default", "web"), "serves", {"user.role": "web"})
            )
        )

    async def content(self) -> object:
        """What the host has of it."""
        profile = await self.document("profile", "show", "web")
        return profile["description"], profile["config"], profile["devices"]

    async def test_create(self) -> None:
        """A profile is made of what the command line says."""
        await self.said(
            *("profile", "create", "db", "--description", "keeps"),
            *("--config", "user.role=db", "-c", "user.empty="),
        )
        profile = await self.document("profile", "show", "db")
        self.assertEqual(profile["description"], "keeps")
        self.assertEqual(profile["config"], {"user.role": "db"})
        await self.failed(
            1, "profile create web: Profile already exists", "profile", "create", "web"
        )

    async def test_list(self) -> None:
        """Profiles are listed with their descriptions and the number of their users."""
        self.assertEqual(
            await self.said("profile", "list"),
            "NAME     DESCRIPTION  USED BY\n"
            "default               0\n"
            "web      serves       0\n",
        )
        self.assertEqual(
            await self.said("profile", "list", "--names"), "default\nweb\n"
        )
        documents = await self.document("profile", "list", "--all-projects")
        self.assertEqual([each["name"] for each in documents], ["default", "web"])

    async def test_show(self) -> None:
        """A profile is shown as YAML that may be edited."""
        self.assertEqual(
            await self.said("profile", "show", "web"),
            "name: web\ndescription: serves\nconfig:\n  user.role: web\ndevices: {}\n",
        )

    async def test_get(self) -> None:
        """A value is printed to the byte, and what is not set is missed: 4."""
        self.assertEqual(await self.said("profile", "get", "web", "user.role"), "web")
        await self.failed(
            4, "profile get web user.x: not set", "profile", "get", "web", "user.x"
        )

    async def test_set(self) -> None:
        """Keys are set and unset, and others stay."""
        await self.said("profile", "set", "web", "user.a=1=2", "user.b=")
        inp = io.StringIO("#cloud-config\n")
        await self.said("profile", "set", "web", "user.c=-", inp=inp)
        await self.said("profile", "unset", "web", "user.role", "user.never")
        self.assertEqual(
            await self.content(),
            ("serves", {"user.a": "1=2", "user.c": "#cloud-config\n"}, {}),
        )

    async def test_set_nothing(self) -> None:
        """Input that is not there, or is not text, is complained of: 1."""
        await self.failed(
            1, "standard input is closed", "profile", "set", "web", "user.a=-"
        )
        inp = io.TextIOWrapper(io.BytesIO(b"\xff"), encoding="utf-8")
        outcome = await self.ctl("profile", "set", "web", "user.a=-", inp=inp)
        self.assertEqual(outcome.code, 1)
        self.assertIn("cannot read standard input: 'utf-8' codec", outcome.err)

    async def test_refused(self) -> None:
        """What the host refuses is told in its words: 1."""
        outcome = await self.ctl("profile", "set", "web", "nonsense=1")
        self.assertEqual(outcome.code, 1)
        self.assertRegex(
            outcome.err, r"\Adevlxdctl: profile set web: Invalid config[^\n]*\n\Z"
        )

    async def test_racing(self) -> None:
        """Of many who change it at once nobody loses a change."""
        await gatherResults(
            Deferred.fromCoroutine(
                self.said("profile", "set", "web", f"user.n{number}=1")
            )
            for number in range(8)
        )
        profile = await self.document("profile", "show", "web")
        self.assertEqual(len(profile["config"]), 9)

    async def test_rename(self) -> None:
        """A profile has another name."""
        await self.said("profile", "rename", "web", "shop")
        self.assertEqual(
            await self.said("profile", "list", "--names"), "default\nshop\n"
        )

    async def test_delete(self) -> None:
        """Profiles are removed one after the other; the fault is named: 4."""
        await self.said("profile", "create", "shop")
        await self.failed(
            4,
            "profile delete none: Profile not found",
            *("profile", "delete", "web", "none", "shop"),
        )
        self.assertEqual(
            await self.said("profile", "list", "--names"), "default\nshop\n"
        )

    async def test_no_such(self) -> None:
        """What is not there, and what cannot be a name, is told: 4 and 1."""
        await self.failed(
            4, "profile show x: Profile not found", "profile", "show", "x"
        )
        await self.failed(1, "profile show ..: Invalid name", "profile", "show", "..")

    async def test_devices(self) -> None:
        """Devices are added, changed, listed and removed."""
        await self.said("profile", "device", "add", "web", "eth0", "nic", "network=br0")
        await self.said("profile", "device", "add", "web", "root", "disk", "path=/")
        await self.said("profile", "device", "set", "web", "eth0", "mtu=9000")
        eth0 = {"type": "nic", "network": "br0", "mtu": "9000"}
        root = {"type": "disk", "path": "/"}
        self.assertEqual(
            await self.document("profile", "device", "list", "web"),
            {"eth0": eth0, "root": root},
        )
        self.assertEqual(
            await self.said("profile", "device", "list", "web"),
            "NAME  TYPE  KEYS\n"
            "eth0  nic   mtu: 9000, network: br0\n"
            "root  disk  path: /\n",
        )
        await self.said("profile", "device", "remove", "web", "eth0")
        self.assertEqual(
            await self.document("profile", "device", "list", "web"), {"root": root}
        )

    async def test_no_device(self) -> None:
        """A device that is not there cannot be changed, nor added twice."""
        await self.said("profile", "device", "add", "web", "root", "disk", "path=/")
        device = ("profile", "device")
        missing = "it has no such device of its own"
        await self.failed(
            4,
            f"profile device set web eth0: {missing}",
            *(*device, "set", "web", "eth0", "mtu=1"),
        )
        await self.failed(
            4,
            f"profile device remove web eth0: {missing}",
            *(*device, "remove", "web", "root", "eth0"),
        )
        await self.failed(
            1,
            "profile device add web root: it is there already",
            *(*device, "add", "web", "root", "disk"),
        )
        self.assertIn("root", await self.document(*device, "list", "web"))

    async def test_project(self) -> None:
        """Each project has profiles of its own."""
        await self.failed(
            4,
            "profile list: Project not found",
            *("profile", "list", "--project", "other"),
        )
