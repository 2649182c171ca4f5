"""Tests of instances together with their profiles."""

from __future__ import annotations

from typing import Any
from weakref import ref

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from devlxd.model.expansion import Expanded, layered
from devlxd.model.instance import Config, Device, Instance, Profile
from devlxd.model.names import ProfileName
from tests.model.worlds import C1, states


def profile(name: str, config: Config, **devices: Device) -> Profile:
    """A profile of this name."""
    return Profile(ProfileName("default", name), config=config, devices=devices)


class LayeredTests(SynchronousTestCase):
    """Tests of `layered`."""

    @given(st.lists(st.dictionaries(st.sampled_from("abc"), st.integers())))
    def test_last_wins(self, layers: list[dict[str, int]]) -> None:
        """Each key has the value of the last layer that has it."""
        before = [dict(layer) for layer in layers]
        result = layered(layers)
        self.assertEqual(set(result), set().union(*layers))
        for key, value in result.items():
            self.assertEqual(value, [x[key] for x in layers if key in x][-1])
        self.assertEqual(layers, before)


class ExpandedTests(SynchronousTestCase):
    """Tests of `Expanded`."""

    def test_config(self) -> None:
        """A later profile goes over an earlier one, and the local config over all."""
        expanded = Expanded(
            Instance(C1, config={"user.c": "local"}),
            [
                profile("one", {"user.a": "1", "user.b": "1", "user.c": "1"}),
                profile("two", {"user.b": "2", "user.c": "2", "user.d": ""}),
            ],
        )
        self.assertEqual(
            expanded.config,
            {"user.a": "1", "user.b": "2", "user.c": "local", "user.d": ""},
        )

    def test_devices(self) -> None:
        """A device is replaced as a whole; its keys are never merged."""
        expanded = Expanded(
            Instance(C1, devices={"root": {"type": "disk"}}),
            [
                profile("one", {}, eth0={"type": "nic", "mtu": "9"}),
                profile("two", {}, eth0={"type": "none"}, root={"type": "x", "a": "b"}),
            ],
        )
        self.assertEqual(
            expanded.devices, {"eth0": {"type": "none"}, "root": {"type": "disk"}}
        )

    def test_alone(self) -> None:
        """Without profiles there is what the instance has itself."""
        instance = Instance(C1, config={"user.a": "1"}, devices={"r": {"type": "disk"}})
        expanded = Expanded(instance)
        self.assertEqual(expanded.config, instance.config)
        self.assertEqual(expanded.devices, instance.devices)

    @given(states())
    def test_any(self, state: Expanded) -> None:
        """All comes from the last that has it, and nothing changes by asking."""
        for part in ("config", "devices"):
            layers = [getattr(x, part) for x in (*state.profiles, state.instance)]
            before = [dict(layer) for layer in layers]
            found = getattr(state, part)
            self.assertEqual(found, layered(layers))
            self.assertEqual(layers, before)
            self.assertIs(getattr(state, part), found)

    @given(states())
    def test_frozen(self, state: Expanded) -> None:
        """What was expanded cannot change."""
        parts: list[Any] = [state.config, state.devices, *state.devices.values()]
        for part in parts:
            with self.assertRaises(TypeError):
                part["x"] = "y"

    def test_identity(self) -> None:
        """Each state is like no other, and can be a weak key."""
        instance = Instance(C1)
        first, second = Expanded(instance), Expanded(instance)
        self.assertNotEqual(first, second)
        self.assertEqual(len({first: 1, second: 2}), 2)
        weak = ref(first)
        del first
        self.assertIs(weak(), None)
