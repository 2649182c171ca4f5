"""Tests of what a new version of a file asks for."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from twisted.trial.unittest import SynchronousTestCase

from devlxd.model.instance import Instance, InstanceType, Profile
from devlxd.model.manifest import (
    Edit,
    Manifest,
    applied,
    difference,
    merged,
    patched,
)
from devlxd.model.names import InstanceName, ProfileName
from devlxd.model.stated import StatedInstance, StatedProfile
from tests.model.manifests import configs, manifests, random

C1 = InstanceName("default", "c1")
WEB = ProfileName("default", "web")
NIC = {"type": "nic", "network": "lxdbr0"}
BLANK = Instance(C1, architecture="aarch64", created=datetime(2026, 1, 1, tzinfo=UTC))


class DifferenceTests(SynchronousTestCase):
    """Tests of `difference`."""

    @random
    @given(manifests())
    def test_same(self, manifest: Manifest) -> None:
        """A file that says what it said asks for nothing."""
        self.assertFalse(difference(manifest, manifest))

    @random
    @given(manifests(), manifests())
    def test_complete(self, last: Manifest, now: Manifest) -> None:
        """There is an edit for exactly those names of which anything is different."""
        edits = difference(last, now)
        self.assertEqual(
            {edit.name for edit in edits.instances},
            {
                name
                for name in {*last.instances, *now.instances}
                if last.instances.get(name) != now.instances.get(name)
            },
        )
        self.assertEqual(
            {edit.name for edit in edits.profiles},
            {
                name
                for name in {*last.profiles, *now.profiles}
                if last.profiles.get(name) != now.profiles.get(name)
            },
        )

    def test_kinds(self) -> None:
        """An edit tells what was said before and what is said now."""
        old, new = StatedInstance(description="old"), StatedInstance()
        gone, come = InstanceName("default", "gone"), InstanceName("lab", "come")
        edits = difference(
            Manifest(instances={gone: new, C1: old}),
            Manifest(instances={C1: new, come: new}),
        )
        self.assertEqual(
            edits.instances,
            (Edit(C1, old, new), Edit(gone, new, None), Edit(come, None, new)),
        )

    def test_default_profile(self) -> None:
        """To drop the profile ``default`` is to state nothing of it any more."""
        name, stated = ProfileName("lab", "default"), StatedProfile(description="x")
        edits = difference(Manifest(profiles={name: stated, WEB: stated}), Manifest())
        self.assertEqual(
            edits.profiles,
            (Edit(WEB, stated, None), Edit(name, stated, StatedProfile())),
        )


class MergedTests(SynchronousTestCase):
    """Tests of `merged`."""

    @random
    @given(configs, configs, configs)
    def test_rule(
        self, live: dict[str, str], said: dict[str, str], says: dict[str, str]
    ) -> None:
        """
        A key that the file says as it said is as it is, be it changed or unset since;
        any other is as the file says now.
        """
        result = merged(live, said, says)
        for key in {*live, *said, *says}:
            same = said.get(key) == says.get(key)
            self.assertEqual(result.get(key), (live if same else says).get(key))


class PatchedTests(SynchronousTestCase):
    """Tests of `patched`."""

    def test_scalars(self) -> None:
        """What is stated is set; the rest is left."""
        live = Instance(C1, description="theirs", location="host1", stateful=True)
        says = StatedInstance(ephemeral=True, location="")
        after = patched(live, StatedInstance(), says, BLANK)
        self.assertEqual(
            after,
            Instance(
                C1, description="theirs", location="", stateful=True, ephemeral=True
            ),
        )

    def test_no_longer_stated(self) -> None:
        """What is stated no longer is as when nobody states it."""
        said = StatedInstance(
            type=InstanceType.CONTAINER,
            architecture="x86_64",
            profiles=("web",),
            ephemeral=True,
        )
        live = Instance(C1, profiles=("web", "theirs"), ephemeral=True, stateful=True)
        after = patched(live, said, StatedInstance(), BLANK)
        self.assertEqual(
            after,
            Instance(C1, architecture="aarch64", profiles=("default",), stateful=True),
        )

    def test_profiles_are_one_value(self) -> None:
        """The list of profiles is replaced as a whole, and left as a whole."""
        said = StatedInstance(profiles=("a",))
        live = Instance(C1, profiles=("a", "theirs"))
        self.assertEqual(patched(live, said, said, BLANK), live)
        says = StatedInstance(profiles=("a", "b"))
        self.assertEqual(patched(live, said, says, BLANK).profiles, ("a", "b"))

    def device(
        self,
        live: dict[str, str] | None,
        said: dict[str, str] | None,
        says: dict[str, str] | None,
    ) -> dict[str, str] | None:
        """What becomes of one device."""
        devices = [{} if x is None else {"d": x} for x in (live, said, says)]
        after = patched(
            Profile(WEB, devices=devices[0]),
            StatedProfile(devices=devices[1]),
            StatedProfile(devices=devices[2]),
            Profile(WEB),
        )
        found = after.devices.get("d")
        return None if found is None else dict(found)

    def test_device_keys(self) -> None:
        """Within a device, only the keys that changed in the file are touched."""
        live = {**NIC, "network": "theirs", "name": "eth0", "mtu": "1500"}
        said = {**NIC, "mtu": "9000", "user.x": "1"}
        says = {**NIC, "user.x": "2"}
        self.assertEqual(
            self.device(live, said, says),
            {"type": "nic", "network": "theirs", "name": "eth0", "user.x": "2"},
        )

    def test_new_device(self) -> None:
        """A device that the file did not state before replaces one of its name."""
        self.assertEqual(self.device({**NIC, "mtu": "1"}, None, NIC), NIC)
        self.assertEqual(self.device(None, None, NIC), NIC)

    def test_device_of_another_type(self) -> None:
        """A device whose type is different replaces what is there."""
        disk = {"type": "disk", "path": "/"}
        self.assertEqual(self.device({**NIC, "mtu": "1"}, NIC, disk), disk)
        changed = {**NIC, "mtu": "2"}
        self.assertEqual(self.device(disk, NIC, changed), changed)

    def test_deleted_device(self) -> None:
        """A device that other hands deleted returns when the file changes it only."""
        self.assertIsNone(self.device(None, NIC, NIC))
        changed = {**NIC, "mtu": "2"}
        self.assertEqual(self.device(None, NIC, changed), changed)

    def test_dropped_device(self) -> None:
        """A device that the file drops is gone, whatever became of it."""
        self.assertIsNone(self.device({**NIC, "mtu": "1"}, NIC, None))
        self.assertIsNone(self.device(None, NIC, None))


class AppliedTests(SynchronousTestCase):
    """Tests of `applied`."""

    def test_delete(self) -> None:
        """An entry that is no longer there deletes."""
        edit = Edit(C1, StatedInstance(), None)
        self.assertIsNone(applied(edit, Instance(C1), BLANK))
        self.assertIsNone(applied(edit, None, BLANK))

    def test_create(self) -> None:
        """What is not there is created from the blank and all that is stated."""
        says = StatedInstance(description="x", config={"user.a": "1"})
        for said in (None, StatedInstance(config={"user.a": "1"})):
            self.assertEqual(
                applied(Edit(C1, said, says), None, BLANK),
                Instance(
                    C1,
                    architecture="aarch64",
                    description="x",
                    config={"user.a": "1"},
                    created=BLANK.created,
                ),
            )

    def test_new_entry(self) -> None:
        """An entry for what is there already sets what it states, and no more."""
        live = Instance(C1, config={"user.a": "1", "user.b": "2"}, description="x")
        says = StatedInstance(config={"user.a": "9"})
        self.assertEqual(
            applied(Edit(C1, None, says), live, BLANK),
            Instance(C1, config={"user.a": "9", "user.b": "2"}, description="x"),
        )

    def test_creation_time(self) -> None:
        """The creation time stays when the file states it no longer."""
        time = datetime(2000, 1, 1, tzinfo=UTC)
        edit = Edit(C1, StatedInstance(created=time), StatedInstance())
        live = Instance(C1, created=time)
        self.assertEqual(applied(edit, live, BLANK), live)

    def test_profile(self) -> None:
        """A profile is edited by the same rule."""
        said = StatedProfile(description="x", config={"user.a": "1"})
        says = StatedProfile(config={"user.b": "2"})
        live = Profile(WEB, "x", {"user.a": "7", "user.c": "3"})
        self.assertEqual(
            applied(Edit(WEB, said, says), live, Profile(WEB)),
            Profile(WEB, "", {"user.b": "2", "user.c": "3"}),
        )
