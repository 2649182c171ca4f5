"""Tests of what an instance may read of its config and devices."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from devlxd.model.cloudinit import metadata
from devlxd.model.expansion import Expanded
from devlxd.model.instance import Config, Instance, Profile
from devlxd.model.names import ProfileName
from devlxd.model.visibility import (
    is_readable,
    listed_keys,
    value_of,
    visible_devices,
)
from tests.model.worlds import C1, NAMESPACES, READABLE, configs, devices, states

USER_DATA = ["cloud-init.user-data", "user.user-data"]
VENDOR_DATA = ["cloud-init.vendor-data", "user.vendor-data"]
KEY = "cloud-init.ssh-keys.me"

HIDDEN = [name for name in NAMESPACES if name not in READABLE]


def all_read(state: Expanded) -> str:
    """All that a guest gets to read about its config and devices."""
    config = state.config
    parts: list[object] = [listed_keys(config), visible_devices(state), metadata(state)]
    parts += [value_of(config, key) for key in {*config, *listed_keys(config)}]
    return repr(parts)


class SecrecyTests(SynchronousTestCase):
    """Nothing leaves but ``user.`` and ``cloud-init.``."""

    @given(configs, configs, devices, st.sampled_from(HIDDEN))
    def test_secret(
        self,
        local: Config,
        shared: Config,
        local_devices: dict[str, dict[str, str]],
        namespace: str,
    ) -> None:
        """A key of any other namespace leaves no trace, nor does its value."""
        secret = {f"{namespace}SECRET": "SECRET", f"{namespace}x.hwaddr": "SECRET"}
        state = Expanded(
            Instance(C1, config={**local, **secret}, devices=local_devices),
            [Profile(ProfileName("default", "p"), config={**shared, **secret})],
        )
        self.assertNotIn("SECRET", all_read(state))

    @given(states())
    def test_listed(self, state: Expanded) -> None:
        """All that is listed is readable, and all with a readable key is listed."""
        listed = listed_keys(state.config)
        for key in listed:
            self.assertTrue(key.startswith(READABLE))
        self.assertEqual(listed, sorted(set(listed)))
        for key in state.config:
            self.assertEqual(
                key in listed,
                key.startswith(READABLE) and not key.startswith("cloud-init.ssh-keys."),
            )

    @given(st.text(), st.text(min_size=1))
    def test_unreadable(self, key: str, value: str) -> None:
        """Where a key is not readable, there is no value."""
        self.assertEqual(is_readable(key), key.startswith(READABLE))
        found = value_of({key: value}, key)
        self.assertEqual(found, value if key.startswith(READABLE) else None)

    def test_near_misses(self) -> None:
        """A key that only resembles a readable one is not readable."""
        for key in (
            *("user", "User.a", " user.a", "users.a", "cloud-init", "cloud-inits.a"),
            *(
                "volatile.cloud-init.instance-id",
                "volatile.user.a",
                "",
                "environment.A",
            ),
        ):
            self.assertFalse(is_readable(key))
            self.assertIs(value_of({key: "1"}, key), None)


class ConfigTests(SynchronousTestCase):
    """Tests of `listed_keys` and `value_of`."""

    def test_list(self) -> None:
        """The readable keys are listed, sorted."""
        config = {
            "user.b": "1",
            "security.devlxd": "1",
            "cloud-init.x": "",
            "user.a": "2",
        }
        self.assertEqual(listed_keys(config), ["cloud-init.x", "user.a", "user.b"])
        self.assertEqual(listed_keys({}), [])

    def test_value(self) -> None:
        """A value is what was stored; there is none where it is empty or not set."""
        value = "\0 é\n" * 1000
        self.assertEqual(value_of({"user.a": value}, "user.a"), value)
        self.assertIs(value_of({"user.a": ""}, "user.a"), None)
        self.assertIs(value_of({}, "user.a"), None)

    def test_ssh_key(self) -> None:
        """An SSH key is not listed, but can be read."""
        config = {KEY: "root:gh:me", "user.a": "1"}
        self.assertNotIn(KEY, listed_keys(config))
        self.assertEqual(value_of(config, KEY), "root:gh:me")

    def test_data_by_ssh_key(self) -> None:
        """With an SSH key, user-data and vendor-data are there under both names."""
        config = {KEY: "root:gh:me"}
        self.assertEqual(listed_keys(config), sorted(USER_DATA + VENDOR_DATA))
        for key in listed_keys(config):
            self.assertIn("gh:me", value_of(config, key) or "")

    def test_data_is_set(self) -> None:
        """Where one of the two names is set, the other one is not listed for it."""
        for name in USER_DATA:
            config = {KEY: "root:gh:me", name: "x"}
            self.assertEqual(listed_keys(config), sorted([name, *VENDOR_DATA]))
        for name in VENDOR_DATA:
            config = {KEY: "root:gh:me", name: "x"}
            self.assertEqual(listed_keys(config), sorted([name, *USER_DATA]))

    def test_data_is_empty(self) -> None:
        """An empty value counts as not set."""
        config = {KEY: "none", "user.user-data": ""}
        self.assertEqual(listed_keys(config), sorted(USER_DATA + VENDOR_DATA))

    def test_no_ssh_key(self) -> None:
        """Without an SSH key, nothing is listed that is not set."""
        self.assertEqual(listed_keys({"user.user-data": "x"}), ["user.user-data"])

    def test_merged(self) -> None:
        """User-data and vendor-data are read with the SSH keys in them."""
        config = {KEY: "root:gh:me", "user.vendor-data": "#cloud-config\n"}
        value = value_of(config, "user.vendor-data")
        self.assertIn("- gh:me #lxd:cloud-init.ssh-keys", value or "")


class DevicesTests(SynchronousTestCase):
    """Tests of `visible_devices`."""

    def test_hwaddr(self) -> None:
        """A NIC without a MAC address has the one that was made up for it."""
        instance = Instance(
            C1,
            config={
                "volatile.eth0.hwaddr": "00:16:3e:00:00:01",
                "volatile.eth1.hwaddr": "00:16:3e:00:00:02",
                "volatile.eth2.hwaddr": "",
                "volatile.eth3.host_name": "veth1",
                "volatile.root.hwaddr": "x",
            },
            devices={
                "eth0": {"type": "nic", "network": "a"},
                "eth1": {"type": "nic", "hwaddr": "00:16:3e:ff:ff:ff"},
                "eth2": {"type": "nic"},
                "eth3": {"type": "nic", "hwaddr": ""},
                "root": {"type": "disk", "path": "/"},
            },
        )
        self.assertEqual(
            visible_devices(Expanded(instance)),
            {
                **instance.devices,
                "eth0": {"type": "nic", "network": "a", "hwaddr": "00:16:3e:00:00:01"},
            },
        )

    def test_local_only(self) -> None:
        """A profile's MAC address is nobody's."""
        name = ProfileName("default", "p")
        state = Expanded(
            Instance(C1),
            [
                Profile(
                    name, "", {"volatile.eth0.hwaddr": "x"}, {"eth0": {"type": "nic"}}
                )
            ],
        )
        self.assertEqual(visible_devices(state), {"eth0": {"type": "nic"}})

    @given(states())
    def test_any(self, state: Expanded) -> None:
        """But for that address, devices are read as they are, and stay so."""
        before = {name: dict(device) for name, device in state.devices.items()}
        seen = visible_devices(state)
        for name, device in before.items():
            added = {key for key in seen[name] if seen[name][key] != device.get(key)}
            self.assertLessEqual(
                added, {"hwaddr"} if device["type"] == "nic" else set()
            )
        self.assertEqual(set(seen), set(before))
        self.assertEqual(state.devices, before)
