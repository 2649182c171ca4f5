"""When an instance gets a new instance-id."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given
from twisted.trial.unittest import SynchronousTestCase

from devlxd.model.expansion import Expanded
from devlxd.model.instance import Instance, Profile
from devlxd.model.names import InstanceName, ProfileName
from devlxd.model.renewal import (
    INSTANCE_ID,
    may_reach_cloud_init,
    reads_differ,
    renewed,
)
from tests.stores.strategies import instances, profiles

NAME = InstanceName("default", "c1")
P1 = ProfileName("default", "p1")


def with_keys(config: Mapping[str, str]) -> Expanded:
    """An instance with a config."""
    return Expanded(Instance(NAME, config=config))


def with_devices(devices: Mapping[str, Mapping[str, str]]) -> Expanded:
    """An instance with devices."""
    return Expanded(Instance(NAME, devices=devices))


class ReadsDifferTests(SynchronousTestCase):
    """`reads_differ` tells whether cloud-init has to run anew."""

    def test_seeds(self) -> None:
        """It has to for each of the three data, in both namespaces."""
        for namespace in ("cloud-init", "user"):
            for seed in ("vendor-data", "user-data", "network-config"):
                key = f"{namespace}.{seed}"
                before, after = with_keys({key: "1"}), with_keys({key: "2"})
                self.assertTrue(reads_differ(before, after), key)
                self.assertTrue(reads_differ(with_keys({}), after), key)
                self.assertTrue(reads_differ(before, with_keys({})), key)

    def test_ssh_keys(self) -> None:
        """It has to for each ssh key."""
        key = "cloud-init.ssh-keys.me"
        before = with_keys({key: "root:gh:me"})
        self.assertTrue(reads_differ(before, with_keys({key: "root:gh:you"})))
        self.assertTrue(reads_differ(before, with_keys({})))

    def test_other_keys(self) -> None:
        """It does not have to for any other key, meta-data included."""
        for key in ("user.meta-data", "user.foo", "cloud-init.foo", INSTANCE_ID):
            self.assertFalse(reads_differ(with_keys({}), with_keys({key: "1"})), key)

    def test_empty(self) -> None:
        """An empty value is as good as none."""
        empty = with_keys({"user.user-data": "", "cloud-init.ssh-keys.me": ""})
        self.assertFalse(reads_differ(with_keys({}), empty))

    def test_profiles(self) -> None:
        """The expanded values count, so that a hidden change is none."""
        shared = Profile(P1, config={"user.user-data": "shared"})
        bare, own = with_keys({}), with_keys({"user.user-data": "own"})
        self.assertTrue(reads_differ(bare, Expanded(bare.instance, [shared])))
        self.assertFalse(reads_differ(own, Expanded(own.instance, [shared])))

    def test_nics(self) -> None:
        """It has to when a NIC comes, goes or is called otherwise."""
        none = with_devices({})
        one = with_devices({"eth0": {"type": "nic"}})
        other = with_devices({"eth0": {"type": "nic", "name": "lan"}})
        self.assertTrue(reads_differ(none, one))
        self.assertTrue(reads_differ(one, none))
        self.assertTrue(reads_differ(one, other))

    def test_same_nics(self) -> None:
        """It does not have to when the NICs' names stay, nor for another device."""
        before = with_devices({"eth0": {"type": "nic"}})
        after = with_devices(
            {
                "uplink": {"type": "nic", "name": "eth0", "mtu": "9000"},
                "data": {"type": "disk", "path": "/data"},
            }
        )
        self.assertFalse(reads_differ(before, after))


class MayReachCloudInitTests(SynchronousTestCase):
    """`may_reach_cloud_init` spares the work of comparing all users of a profile."""

    def test_reaches(self) -> None:
        """Other seeds, ssh keys and devices do, be they empty."""
        bare = Profile(P1)
        for key in ("user.user-data", "cloud-init.ssh-keys.me"):
            for value in ("", "1"):
                other = Profile(P1, config={key: value})
                self.assertTrue(may_reach_cloud_init(bare, other))
                self.assertTrue(may_reach_cloud_init(other, bare))
        other = Profile(P1, devices={"eth0": {"type": "nic"}})
        self.assertTrue(may_reach_cloud_init(bare, other))

    def test_does_not_reach(self) -> None:
        """Other keys and the description do not."""
        other = Profile(P1, description="x", config={"user.foo": "1"})
        self.assertFalse(may_reach_cloud_init(Profile(P1), other))

    @given(profiles, profiles, instances)
    def test_no_difference(
        self, before: Profile, after: Profile, instance: Instance
    ) -> None:
        """When it says no, no instance reads anything else than before."""
        differ = reads_differ(Expanded(instance, [before]), Expanded(instance, [after]))
        self.assertTrue(may_reach_cloud_init(before, after) or not differ)


class RenewedTests(SynchronousTestCase):
    """`renewed` gives an instance another instance-id."""

    def test_renewed(self) -> None:
        """The id is set, whatever it was, and all else stays."""
        config = {"user.foo": "1", INSTANCE_ID: "old"}
        after = renewed(Instance(NAME, config=config), "new")
        self.assertEqual(after, Instance(NAME, config={**config, INSTANCE_ID: "new"}))
