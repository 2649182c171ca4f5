"""The events of a change."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from devlxd.model.change import PREFIX, Change, events
from devlxd.model.event import Event, EventType
from devlxd.model.expansion import Expanded
from devlxd.model.instance import Config, Device, Devices, Instance, Profile
from devlxd.model.names import InstanceName, ProfileName

C1 = InstanceName("default", "c1")
DISK = {"type": "disk", "path": "/data", "source": "/srv"}
NIC = {"type": "nic", "nictype": "bridged", "parent": "br0"}


def state(
    config: Config | None = None, devices: Devices | None = None, *profiles: Profile
) -> Expanded:
    """A state of `C1`."""
    return Expanded(Instance(C1, config=config or {}, devices=devices or {}), profiles)


def told(before: Expanded | None, after: Expanded | None) -> list[Event]:
    """The events of a change."""
    return events(Change(C1, before, after))


def config(key: str, old: str, new: str) -> Event:
    """The event of a key."""
    metadata = {"key": key, "old_value": old, "value": new}
    return Event(EventType.CONFIG, metadata)


def device(action: str, name: str, device: Device) -> Event:
    """The event of a device."""
    metadata = {"action": action, "config": device, "name": name}
    return Event(EventType.DEVICE, metadata)


class ConfigTests(SynchronousTestCase):
    """Changes of config."""

    def test_set(self) -> None:
        """A key that is set, changed or unset is told with both values."""
        self.assertEqual(
            told(state({"user.a": "1", "user.b": "2"}), state({"user.b": "3"})),
            [config("user.a", "1", ""), config("user.b", "2", "3")],
        )

    def test_empty(self) -> None:
        """A key that is empty is the same as one that is not there."""
        self.assertEqual(told(state({"user.a": ""}), state()), [])

    def test_untold(self) -> None:
        """Keys that do not start with ``user.`` are not told of."""
        after = {"cloud-init.user-data": "x", "limits.cpu": "2", "volatile.a": "b"}
        self.assertEqual(told(state(), state(after)), [])

    def test_profile(self) -> None:
        """A profile's change is told, unless a local value hides it."""
        name = ProfileName("default", "p")
        old = Profile(name, config={"user.a": "1", "user.b": "1"})
        new = Profile(name, config={"user.a": "2", "user.b": "2"})
        local = {"user.b": "mine"}
        self.assertEqual(
            told(state(local, {}, old), state(local, {}, new)),
            [config("user.a", "1", "2")],
        )

    def test_beginning_and_end(self) -> None:
        """A new instance has no events, nor has one that is gone."""
        self.assertEqual(told(None, state({"user.a": "1"})), [])
        self.assertEqual(told(state({"user.a": "1"}), None), [])


class DeviceTests(SynchronousTestCase):
    """Changes of devices."""

    def test_order(self) -> None:
        """Config is told first, then what was removed, updated and added."""
        before = state({}, {"disk": DISK, "nic": NIC, "old": DISK})
        slower = {**NIC, "limits.max": "1Mbit"}
        moved = {**DISK, "path": "/other"}
        after = state({"user.a": "1"}, {"disk": moved, "nic": slower, "new": DISK})
        self.assertEqual(
            told(before, after),
            [
                config("user.a", "", "1"),
                device("removed", "disk", DISK),
                device("removed", "old", DISK),
                device("updated", "nic", slower),
                device("added", "disk", moved),
                device("added", "new", DISK),
            ],
        )

    def test_replaced(self) -> None:
        """A key that cannot change live, a user's own too, replaces the device."""
        for key in ("path", "user.note", "limits.reads"):
            changed = {**DISK, key: "x"}
            self.assertEqual(
                told(state({}, {"d": DISK}), state({}, {"d": changed})),
                [device("removed", "d", DISK), device("added", "d", changed)],
            )

    def test_live(self) -> None:
        """Keys that can change live update the device, each by its own type's table."""
        for base, key, live in (
            (DISK, "size", True),
            (DISK, "limits.read", True),
            (DISK, "limits.ingress", False),
            (NIC, "limits.ingress", True),
            (NIC, "size", False),
            ({**NIC, "nictype": "macvlan"}, "limits.ingress", False),
            ({"type": "nic", "network": "net0"}, "ipv4.address", True),
            ({"type": "gpu"}, "size", False),
        ):
            changed = {**base, key: "1"}
            actions = [
                event.metadata["action"]
                for event in told(state({}, {"d": base}), state({}, {"d": changed}))
            ]
            expected = ["updated"] if live else ["removed", "added"]
            self.assertEqual(actions, expected, (base, key))

    def test_retyped(self) -> None:
        """A device of another type is another device."""
        self.assertEqual(
            told(state({}, {"d": DISK}), state({}, {"d": NIC})),
            [device("removed", "d", DISK), device("added", "d", NIC)],
        )

    def test_user_device(self) -> None:
        """A device whose name starts with ``user.`` is not told of."""
        self.assertEqual(told(state(), state({}, {"user.d": DISK})), [])

    def test_hwaddr(self) -> None:
        """The MAC address that is only volatile is not told of."""
        before = state({"volatile.nic.hwaddr": "00:16:3e:00:00:01"}, {"nic": NIC})
        after = state({"volatile.nic.hwaddr": "00:16:3e:00:00:02"}, {"nic": NIC})
        self.assertEqual(told(before, after), [])
        self.assertEqual(told(after, state()), [device("removed", "nic", NIC)])


_TEXT = st.text(max_size=3)
_KEYS = st.sampled_from(["user.a", "user.b", "user.c", "limits.cpu", "cloud-init.x"])
_CONFIG = st.dictionaries(_KEYS, _TEXT)
_DEVICE = st.dictionaries(
    st.sampled_from(["path", "size", "limits.max", "user.x"]), _TEXT
).map(lambda keys: {"type": "disk", **keys})
_DEVICES = st.dictionaries(st.sampled_from(["a", "b", "user.c"]), _DEVICE)
_PROFILE = st.builds(
    Profile,
    st.just(ProfileName("default", "p")),
    config=_CONFIG,
    devices=_DEVICES,
)
_STATE = st.builds(
    lambda config, devices, profile: state(config, devices, profile),
    _CONFIG,
    _DEVICES,
    _PROFILE,
)


def visible(expanded: Expanded) -> tuple[dict[str, str], dict[str, Device]]:
    """What events are about, empty values left out."""
    return (
        {k: v for k, v in expanded.config.items() if k.startswith(PREFIX) and v},
        {k: v for k, v in expanded.devices.items() if not k.startswith(PREFIX)},
    )


def replayed(before: Expanded, happened: list[Event]) -> object:
    """What becomes of a state when events happen to it."""
    config, devices = visible(before)
    for event in happened:
        what = event.metadata
        if event.type is EventType.CONFIG:
            assert config.pop(what["key"], "") == what["old_value"]
            if what["value"]:
                config[what["key"]] = what["value"]
        elif what["action"] == "removed":
            assert devices.pop(what["name"]) == what["config"]
        else:
            assert (what["name"] in devices) is (what["action"] == "updated")
            devices[what["name"]] = what["config"]
    return config, devices


class ReplayTests(SynchronousTestCase):
    """Events are all that a guest needs to follow its instance."""

    @given(_STATE, _STATE)
    def test_replay(self, before: Expanded, after: Expanded) -> None:
        """An instance's events over its old visible state give its new one."""
        self.assertEqual(replayed(before, told(before, after)), visible(after))

    @given(_STATE)
    def test_same(self, same: Expanded) -> None:
        """A change of nothing has no events."""
        self.assertEqual(told(same, Expanded(same.instance, same.profiles)), [])
