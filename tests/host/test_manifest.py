"""Tests of making true what a file states."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from devlxd.errors import NoSuchInstance, NoSuchProfile, StoreFailure
from devlxd.host.instancesfile import read_manifest
from devlxd.host.manifest import LAST_APPLIED, Summary, apply
from devlxd.host.yamltree import BadFile
from devlxd.interfaces import IDraft
from devlxd.model.instance import Instance, Profile
from devlxd.model.names import InstanceName, ProfileName
from devlxd.stores.store import Store
from tests.stores.parts import Counting, uuids

NOW = datetime(2026, 1, 2, tzinfo=UTC)
C1 = InstanceName("default", "c1")
C2 = InstanceName("default", "c2")
WEB = ProfileName("default", "web")
DEFAULT = ProfileName("default", "default")


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
