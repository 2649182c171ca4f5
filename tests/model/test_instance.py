"""Tests of instances and profiles as values."""

from __future__ import annotations

from typing import Any

from attrs import evolve
from attrs.exceptions import FrozenInstanceError
from twisted.trial.unittest import SynchronousTestCase

from devlxd.errors import InvalidData
from devlxd.model.change import Change
from devlxd.model.instance import EPOCH, NOWHERE, Instance, InstanceType, Profile
from devlxd.model.names import InstanceName, ProfileName
from tests.model.worlds import C1

P1 = ProfileName("default", "p1")


class InstanceTests(SynchronousTestCase):
    """Tests of `Instance`."""

    def test_defaults(self) -> None:
        """An instance of which nothing is said is an empty container."""
        instance = Instance(C1)
        self.assertEqual(instance.type, InstanceType.CONTAINER)
        self.assertEqual((instance.location, instance.created), (NOWHERE, EPOCH))
        self.assertEqual(instance.profile_names, (ProfileName("default", "default"),))
        self.assertEqual((dict(instance.config), dict(instance.devices)), ({}, {}))
        self.assertEqual((instance.ephemeral, instance.stateful), (False, False))

    def test_profile_names(self) -> None:
        """The profiles are those of the instance's project, in its order."""
        instance = Instance(InstanceName("lab", "c1"), profiles=["web", "base"])
        self.assertEqual(
            list(map(str, instance.profile_names)), ["lab/web", "lab/base"]
        )

    def test_frozen(self) -> None:
        """Nothing in an instance can change, nor through what it was made of."""
        config, devices = {"user.a": "1"}, {"eth0": {"type": "nic"}}
        profiles = ["default"]
        instance = Instance(C1, config=config, devices=devices, profiles=profiles)
        same = evolve(instance)
        config["user.a"] = devices["eth0"]["type"] = "other"
        devices["eth1"] = {}
        profiles.append("more")
        self.assertEqual(instance, same)
        self.assertEqual(instance.devices["eth0"], {"type": "nic"})
        mutable: Any = instance
        with self.assertRaises(FrozenInstanceError):
            mutable.config = {}
        for part in (mutable.config, mutable.devices, mutable.devices["eth0"]):
            with self.assertRaises(TypeError):
                part["x"] = "y"

    def test_equal(self) -> None:
        """Instances are equal when all that is in them is."""
        devices = {"eth0": {"type": "nic"}}
        instance = Instance(C1, config={"user.a": "1"}, devices=devices)
        self.assertEqual(
            instance, Instance(C1, config={"user.a": "1"}, devices=devices)
        )
        self.assertNotEqual(instance, evolve(instance, config={"user.a": "2"}))
        self.assertNotEqual(instance, evolve(instance, devices={}))

    def test_invalid(self) -> None:
        """What LXD would refuse makes no instance."""
        bad: list[dict[str, Any]] = [
            {"config": {"foo": "bar"}},
            {"devices": {"eth0": {}}},
            {"profiles": ["default", "a/b"]},
            {"profiles": [""]},
            {"architecture": "\ud800"},
            {"description": "\ud800"},
            {"location": 1},
        ]
        for fields in bad:
            with self.assertRaises(InvalidData):
                Instance(C1, **fields)


class ProfileTests(SynchronousTestCase):
    """Tests of `Profile`."""

    def test_frozen(self) -> None:
        """Nothing in a profile can change."""
        mutable: Any = Profile(P1, config={"user.a": "1"}, devices={"r": {"type": "x"}})
        with self.assertRaises(FrozenInstanceError):
            mutable.description = "x"
        for part in (mutable.config, mutable.devices, mutable.devices["r"]):
            with self.assertRaises(TypeError):
                part["x"] = "y"

    def test_invalid(self) -> None:
        """What LXD would refuse makes no profile."""
        bad: list[dict[str, Any]] = [
            {"config": {"foo": "bar"}},
            {"devices": {"eth0": {}}},
            {"description": "\ud800"},
        ]
        for fields in bad:
            with self.assertRaises(InvalidData):
                Profile(P1, **fields)


class ChangeTests(SynchronousTestCase):
    """Tests of `Change`."""

    def test_frozen(self) -> None:
        """What has become of an instance cannot be changed afterwards."""
        change: Any = Change(C1, before=None, after=None)
        with self.assertRaises(FrozenInstanceError):
            change.before = change
