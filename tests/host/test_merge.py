"""Tests of applying any file after any other, and other hands in between."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from devlxd.errors import NoSuchInstance, NoSuchProfile, ProfileInUse
from devlxd.host.instancesfile import Document
from devlxd.host.manifest import Summary, apply
from devlxd.interfaces import IDraft
from devlxd.model.instance import Config, Devices, Instance, Profile
from devlxd.model.manifest import Manifest
from devlxd.model.names import InstanceName, ProfileName
from devlxd.stores.memory import Memory
from devlxd.stores.store import Store
from tests.model.manifests import (
    INSTANCES,
    PROFILES,
    configs,
    devices,
    manifests,
    random,
)
from tests.stores.parts import uuids

NOW = datetime(2026, 1, 2, tzinfo=UTC)
C1 = InstanceName("default", "c1")
WEB = ProfileName("default", "web")


def document(manifest: Manifest) -> Document:
    """A manifest that no text was read for."""
    return Document(manifest, inits={}, lines={})


@st.composite
def other_hands(draw: st.DrawFn) -> list[Callable[[IDraft], object]]:
    """What others do meanwhile, in the order in which they try it."""
    profile, instance = st.sampled_from(PROFILES), st.sampled_from(INSTANCES)
    edit = st.one_of(
        st.builds(_updated_profile, profile, configs, devices),
        st.builds(_updated_instance, instance, configs, devices, st.booleans()),
        st.builds(lambda name: lambda draft: draft.delete_profile(name), profile),
        st.builds(lambda name: lambda draft: draft.delete_instance(name), instance),
    )
    return draw(st.lists(edit, max_size=6))


def _updated_profile(
    name: ProfileName, config: Config, devices: Devices
) -> Callable[[IDraft], object]:
    def rule(profile: Profile) -> Profile:
        return evolve(profile, config=config, devices=devices, description="theirs")

    return lambda draft: draft.update_profile(name, rule)


def _updated_instance(
    name: InstanceName, config: Config, devices: Devices, stateful: bool
) -> Callable[[IDraft], object]:
    def rule(instance: Instance) -> Instance:
        volatile = {k: v for k, v in instance.config.items() if k.startswith("vol")}
        return evolve(
            instance,
            config={**volatile, **config},
            devices=devices,
            stateful=stateful,
            profiles=("default",),
        )

    return lambda draft: draft.update_instance(name, rule)


def stateless(instance: Instance) -> Instance:
    """An instance without what the store gives it by itself."""
    config = {k: v for k, v in instance.config.items() if not k.startswith("volatile")}
    return evolve(instance, config=config)


def timeless(instance: Instance) -> Instance:
    """An instance without its creation time, which a file may only set."""
    return evolve(instance, created=NOW)


class World:
    """A store in memory, and what is in it."""

    def __init__(self) -> None:
        self.store = Store(Memory(), uuids())

    def apply(self, case: SynchronousTestCase, manifest: Manifest) -> Summary:
        done = apply(self.store, document(manifest), NOW, "riscv64")
        return case.successResultOf(done)

    def meddle(self, edits: list[Callable[[IDraft], object]]) -> None:
        """Let other hands try what they want."""
        for edit in edits:
            done = self.store.transact(edit)
            done.addErrback(
                lambda failure: failure.trap(
                    NoSuchInstance, NoSuchProfile, ProfileInUse
                )
            )

    def instances(self) -> dict[InstanceName, Instance]:
        live = (expanded.instance for expanded in self.store.instances.all())
        return {instance.name: stateless(instance) for instance in live}

    def profiles(self) -> dict[ProfileName, Profile]:
        """Those in which there is anything, or that are not there by themselves."""
        return {
            profile.name: profile
            for profile in self.store.profiles.all()
            if profile.name.name != "default" or profile != Profile(profile.name)
        }


class MergeTests(SynchronousTestCase):
    """Tests of applying any file after any other, and other hands in between."""

    @random
    @given(manifests(), other_hands())
    def test_again(self, manifest: Manifest, edits: Any) -> None:
        """Applying what was applied edits nothing, whatever happened in between."""
        world = World()
        world.apply(self, manifest)
        world.meddle(edits)
        before = list(world.store.instances.all()), list(world.store.profiles.all())
        self.assertEqual(world.apply(self, manifest), Summary())
        after = list(world.store.instances.all()), list(world.store.profiles.all())
        self.assertEqual(before, after)

    @random
    @given(manifests())
    def test_there_and_back(self, manifest: Manifest) -> None:
        """An empty file removes exactly what the file before it created."""
        world = World()
        theirs = Instance(InstanceName("default", "theirs"), created=NOW)
        self.successResultOf(world.store.instances.create(theirs))
        world.apply(self, manifest)
        world.apply(self, Manifest())
        self.assertEqual(world.instances(), {theirs.name: theirs})
        self.assertEqual(world.profiles(), {})

    @random
    @given(manifests(), manifests())
    def test_undisturbed(self, last: Manifest, now: Manifest) -> None:
        """Without other hands, a file makes the same of a past as of none."""
        world, fresh = World(), World()
        world.apply(self, last)
        world.apply(self, now)
        fresh.apply(self, now)
        self.assertEqual(world.profiles(), fresh.profiles())
        self.assertEqual(
            {name: timeless(x) for name, x in world.instances().items()},
            {name: timeless(x) for name, x in fresh.instances().items()},
        )

    @random
    @given(manifests(), other_hands(), manifests())
    def test_untouched(self, last: Manifest, edits: Any, now: Manifest) -> None:
        """Of what other hands left, only what the file changed is different."""
        world = World()
        world.apply(self, last)
        world.meddle(edits)
        instances, profiles = world.instances(), world.profiles()
        world.apply(self, now)
        blank = Instance(C1, architecture="riscv64")
        self.check(instances, last.instances, now.instances, world.instances(), blank)
        self.check(
            profiles, last.profiles, now.profiles, world.profiles(), Profile(WEB)
        )

    def check(
        self,
        live: Mapping[Any, Any],
        last: Mapping[Any, Any],
        now: Mapping[Any, Any],
        after: Mapping[Any, Any],
        blank: Any,
    ) -> None:
        """Check all names of one kind."""
        for name in {*live, *last, *now, *after}:
            said, says = last.get(name), now.get(name)
            if said == says:
                # One that they deleted is back when an instance needs it.
                if name in live or says is None:
                    self.assertEqual(after.get(name), live.get(name))
            elif says is None and name.name != "default":
                self.assertNotIn(name, after)
            elif name in live and name in after:
                self.check_one(live[name], said, says, after[name], blank)

    def check_one(
        self, live: Any, said: Any, says: Any, after: Any, blank: Any
    ) -> None:
        """Check every field of something that was there and still is."""
        for key in {*live.config, *after.config}:
            old, new = (x and x.config.get(key) for x in (said, says))
            expected = live.config.get(key) if old == new else new
            self.assertEqual(after.config.get(key), expected)
        for device in {*live.devices, *after.devices}:
            old, new = (x and x.devices.get(device) for x in (said, says))
            if old == new:
                self.assertEqual(after.devices.get(device), live.devices.get(device))
        for key in ("description", "stateful", "ephemeral", "location", "profiles"):
            if hasattr(live, key):
                old, new = (x and getattr(x, key) for x in (said, says))
                expected = getattr(live if old == new else blank, key)
                stated = old != new and new is not None
                self.assertEqual(getattr(after, key), new if stated else expected)
