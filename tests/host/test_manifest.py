"""Tests of making true what a file states."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from devlxd.errors import (
    NoSuchInstance,
    NoSuchProfile,
    ProfileInUse,
    StoreFailure,
)
from devlxd.host.instancesfile import Document, read_manifest
from devlxd.host.manifest import LAST_APPLIED, Summary, apply
from devlxd.host.yamltree import BadFile
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
from tests.stores.parts import Counting, uuids

NOW = datetime(2026, 1, 2, tzinfo=UTC)
C1 = InstanceName("default", "c1")
C2 = InstanceName("default", "c2")
WEB = ProfileName("default", "web")
DEFAULT = ProfileName("default", "default")

V = TypeVar("V")

BOTH = """\
profiles:
  web:
    config: {user.role: web}
instances:
  c1:
    config: {user.a: 1, user.b: 2}
    profiles: [default, web]
"""


class ApplyTests(SynchronousTestCase):
    """Tests of `apply`."""

    def setUp(self) -> None:
        self.backend = Counting()
        self.store = Store(self.backend, uuids())

    def apply(self, text: str) -> Summary:
        """Apply a file, which succeeds."""
        document = read_manifest(text)
        return self.successResultOf(apply(self.store, document, NOW, "riscv64"))

    def refused(self, text: str) -> str:
        """Apply a file, which fails and changes nothing; the message."""
        before = len(self.backend.written)
        done = apply(self.store, read_manifest(text), NOW, "riscv64")
        error = self.failureResultOf(done, BadFile).value
        self.assertEqual(len(self.backend.written), before)
        return str(error.of("F"))

    def instance(self, name: InstanceName = C1) -> Instance:
        return self.store.instances.get(name).instance

    def user_config(self) -> dict[str, str]:
        """What c1 has in its config, but for what the store gave it."""
        config = self.instance().config
        return {k: v for k, v in config.items() if not k.startswith("volatile.")}

    def change(self, **fields: Any) -> None:
        """Other hands change c1."""
        done = self.store.instances.update(C1, lambda live: evolve(live, **fields))
        self.successResultOf(done)

    def test_create(self) -> None:
        """What the file states is created, profiles before who uses them."""
        self.assertEqual(self.apply(BOTH), Summary(created=2))
        self.assertEqual(self.user_config(), {"user.a": "1", "user.b": "2"})
        expanded = self.store.instances.get(C1)
        self.assertEqual(expanded.config["user.role"], "web")

    def test_defaults(self) -> None:
        """What is not stated of a new instance is as LXD has it."""
        self.apply("instances: {c1: {config: {volatile.uuid: u}}}")
        live = self.instance()
        self.assertEqual(
            evolve(live, config={}),
            Instance(C1, architecture="riscv64", created=NOW, profiles=("default",)),
        )
        self.assertEqual(live.config["volatile.uuid"], "u")

    def test_one_transaction(self) -> None:
        """All of it is written at once."""
        self.apply(BOTH)
        self.assertEqual(len(self.backend.written), 1)

    def test_again(self) -> None:
        """The same file, applied again, writes nothing."""
        self.apply(BOTH)
        self.assertEqual(self.apply(BOTH), Summary())
        self.assertEqual(self.apply(f"# the same\n{BOTH}"), Summary())
        self.assertEqual(len(self.backend.written), 1)

    def test_nothing(self) -> None:
        """A file without entries writes nothing."""
        self.assertEqual(self.apply(""), Summary())
        self.assertEqual(self.backend.written, [])

    def test_other_hands(self) -> None:
        """What other hands changed, added and removed stays."""
        self.apply(BOTH)
        self.change(config={"user.a": "theirs", "user.c": "new"}, location="host1")
        self.assertEqual(self.apply(BOTH), Summary())
        self.apply(BOTH.replace("user.b: 2", "user.b: 2, user.d: 4"))
        self.assertEqual(
            self.user_config(), {"user.a": "theirs", "user.c": "new", "user.d": "4"}
        )
        self.assertEqual(self.instance().location, "host1")

    def test_changed_key(self) -> None:
        """A key that changes in the file is set, over what other hands set."""
        self.apply(BOTH)
        self.change(config={"user.a": "theirs"})
        self.assertEqual(
            self.apply(BOTH.replace("user.a: 1", "user.a: 9")), Summary(changed=1)
        )
        self.assertEqual(self.user_config(), {"user.a": "9"})

    def test_dropped_key(self) -> None:
        """A key that the file drops is unset."""
        self.apply(BOTH)
        self.apply(BOTH.replace(", user.b: 2", ""))
        self.assertEqual(self.user_config(), {"user.a": "1"})

    def test_done_already(self) -> None:
        """What other hands have made so already is no change, but is remembered."""
        self.apply(BOTH)
        self.change(config={"user.a": "9", "user.b": "2"})
        changed = BOTH.replace("user.a: 1", "user.a: 9")
        self.assertEqual(self.apply(changed), Summary())
        self.change(config={"user.a": "theirs"})
        self.apply(changed)
        self.assertEqual(self.user_config(), {"user.a": "theirs"})

    def test_dropped_entry(self) -> None:
        """An entry that the file drops is deleted, profiles after who used them."""
        self.apply(BOTH)
        self.assertEqual(self.apply(""), Summary(deleted=2))
        self.assertRaises(NoSuchInstance, self.store.instances.get, C1)
        self.assertRaises(NoSuchProfile, self.store.profiles.get, WEB)

    def test_dropped_entry_that_is_gone(self) -> None:
        """It is well if what the file drops is deleted already."""
        self.apply(BOTH)
        self.successResultOf(self.store.instances.delete(C1))
        self.assertEqual(self.apply(""), Summary(deleted=1))

    def test_deleted_by_other_hands(self) -> None:
        """What other hands deleted stays so until the file changes about it."""
        self.apply(BOTH)
        self.successResultOf(self.store.instances.delete(C1))
        self.assertEqual(self.apply(BOTH), Summary())
        self.assertRaises(NoSuchInstance, self.store.instances.get, C1)
        self.assertEqual(
            self.apply(BOTH.replace("user.b: 2", "user.b: 3")), Summary(created=1)
        )
        self.assertEqual(self.user_config(), {"user.a": "1", "user.b": "3"})

    def test_profile_deleted_by_other_hands(self) -> None:
        """A profile that they deleted is there again once the file needs it."""
        self.apply(BOTH)
        self.change(profiles=())
        self.successResultOf(self.store.profiles.delete(WEB))
        self.assertEqual(self.apply(BOTH), Summary())
        self.assertRaises(NoSuchProfile, self.store.profiles.get, WEB)
        added = f"{BOTH}  c2: {{profiles: [web]}}\n"
        self.assertEqual(self.apply(added), Summary(created=2))
        self.assertEqual(self.store.instances.get(C2).config["user.role"], "web")

    def test_adopted(self) -> None:
        """What is there before the file states it gets what the file states."""
        theirs = Instance(C1, config={"user.a": "0", "user.z": "1"}, stateful=True)
        self.successResultOf(self.store.instances.create(theirs))
        self.assertEqual(self.apply(BOTH), Summary(created=1, changed=1))
        self.assertEqual(
            self.user_config(), {"user.a": "1", "user.b": "2", "user.z": "1"}
        )
        self.assertTrue(self.instance().stateful)

    def test_default_profile(self) -> None:
        """The profile ``default`` can be stated, and is only emptied when dropped."""
        text = "profiles: {default: {description: x, config: {user.a: 1}}}"
        self.assertEqual(self.apply(text), Summary(changed=1))
        self.assertEqual(self.store.profiles.get(DEFAULT).config, {"user.a": "1"})
        self.assertEqual(self.apply(""), Summary(changed=1))
        self.assertEqual(self.store.profiles.get(DEFAULT), Profile(DEFAULT))

    def test_profile_of_another_project(self) -> None:
        """An instance uses the profiles of its own project."""
        text = "profiles: {lab/x: {}, x: {}}\ninstances: {lab/c1: {profiles: [x]}}"
        self.assertEqual(self.apply(text), Summary(created=3))
        self.assertEqual(
            list(self.store.profiles.used_by(ProfileName("lab", "x"))),
            [InstanceName("lab", "c1")],
        )

    def test_profile_of_the_store(self) -> None:
        """An instance may use a profile that only the store has."""
        self.successResultOf(self.store.profiles.create(Profile(WEB)))
        self.apply("instances: {c1: {profiles: [web]}}")
        self.assertEqual(self.instance().profiles, ("web",))

    def test_unknown_profile(self) -> None:
        """A profile that is nowhere is refused with its line."""
        self.assertEqual(
            self.refused("instances:\n  c1:\n    profiles:\n    - default\n    - nope"),
            "F:5: no profile default/nope, neither here nor in the store",
        )
        self.assertEqual(
            self.refused(
                "profiles: {web: {}}\ninstances:\n  lab/c1: {profiles: [web]}"
            ),
            "F:3: no profile lab/web, neither here nor in the store",
        )

    def test_type(self) -> None:
        """The type of an instance that is there cannot change."""
        self.apply("instances: {c1: {}, vm: {type: virtual-machine}}")
        self.assertEqual(
            self.refused(
                "instances:\n  c1:\n    type: virtual-machine\n"
                "  vm: {type: virtual-machine}"
            ),
            "F:3: the type of default/c1 cannot change from container to "
            "virtual-machine: delete it first",
        )
        self.assertEqual(
            self.refused("instances:\n  c1: {}\n  vm:"),
            "F:3: the type of default/vm cannot change from virtual-machine to "
            "container: delete it first",
        )

    def test_profile_in_use(self) -> None:
        """A profile that other hands use cannot be dropped."""
        self.apply(BOTH)
        theirs = Instance(C2, profiles=("web",))
        self.successResultOf(self.store.instances.create(theirs))
        self.assertEqual(
            self.refused("instances: {}\n"),
            "F: default/web cannot be deleted: Profile is currently in use",
        )
        self.assertEqual(self.instance().profiles, ("default", "web"))

    def test_half_refused(self) -> None:
        """When one entry is refused, nothing of the others happens."""
        self.refused(
            "instances: {a: {}, b: {profiles: [nope]}, c: {}}\nprofiles: {x: }"
        )
        self.assertEqual(list(self.store.instances.all()), [])
        self.assertEqual(self.apply("instances: {a: }"), Summary(created=1))

    def test_profile_in_use_here(self) -> None:
        """A profile that the file itself uses cannot be dropped."""
        self.apply(BOTH)
        self.assertEqual(
            self.refused(BOTH.replace("  web:\n    config: {user.role: web}\n", "")),
            "F:1: default/web cannot be deleted: Profile is currently in use",
        )

    def test_unreadable_record(self) -> None:
        """A record that is not ours is refused, since nothing is known then."""

        def spoil(draft: IDraft) -> None:
            draft.set_note(LAST_APPLIED, "?")

        self.successResultOf(self.store.transact(spoil))
        self.assertEqual(
            self.refused(BOTH), "F: Unreadable record of the instances file"
        )

    def test_store_failure(self) -> None:
        """When it cannot be written, it fails with `StoreFailure`."""
        self.backend.failure = OSError()
        done = apply(self.store, read_manifest(BOTH), NOW, "riscv64")
        self.failureResultOf(done, StoreFailure)
        self.flushLoggedErrors(OSError)
        self.assertEqual(list(self.store.instances.all()), [])


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


def timeless(instance: Instance) -> Instance:
    """An instance without its creation time, which a file may only set."""
    return evolve(instance, created=NOW)
