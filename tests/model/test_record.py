"""Tests of the text that a manifest is kept as."""

from __future__ import annotations

import json

from hypothesis import given
from twisted.trial.unittest import SynchronousTestCase

from devlxd.errors import InvalidData
from devlxd.model.instance import InstanceType
from devlxd.model.manifest import Manifest
from devlxd.model.names import InstanceName, ProfileName
from devlxd.model.record import from_json, to_json
from devlxd.model.stated import StatedInstance, StatedProfile
from tests.model.manifests import manifests, random


class RecordTests(SynchronousTestCase):
    """Tests of `to_json` and `from_json`."""

    @random
    @given(manifests())
    def test_round_trip(self, manifest: Manifest) -> None:
        """What is read is what was written."""
        self.assertEqual(from_json(to_json(manifest)), manifest)

    def test_stable(self) -> None:
        """Manifests that differ in nothing but order have one text."""
        names = [InstanceName("default", name) for name in ("a", "b")]
        one, other = (
            Manifest(instances=dict.fromkeys(order, StatedInstance()))
            for order in (names, names[::-1])
        )
        self.assertEqual(to_json(one), to_json(other))

    def test_form(self) -> None:
        """The text has the form of the file, and nothing that was not stated."""
        manifest = Manifest(
            profiles={ProfileName("lab", "web"): StatedProfile(description="x")},
            instances={
                InstanceName("default", "vm"): StatedInstance(
                    type=InstanceType.VIRTUAL_MACHINE,
                    profiles=(),
                    stateful=False,
                    config={"user.a": "1"},
                    devices={"eth0": {"type": "nic"}},
                )
            },
        )
        self.assertEqual(
            json.loads(to_json(manifest)),
            {
                "profiles": {
                    "lab/web": {"description": "x", "config": {}, "devices": {}}
                },
                "instances": {
                    "default/vm": {
                        "type": "virtual-machine",
                        "profiles": [],
                        "stateful": "false",
                        "config": {"user.a": "1"},
                        "devices": {"eth0": {"type": "nic"}},
                    }
                },
            },
        )

    def test_unreadable(self) -> None:
        """Any other text is refused."""
        for text in (
            "",
            "[]",
            "{}",
            '{"profiles": {}, "instances": []}',
            '{"profiles": {}, "instances": {"a": {}}}',
            '{"profiles": {}, "instances": {"a b": {"config": {}, "devices": {}}}}',
            '{"profiles": {"a": {"config": 1, "devices": {}}}, "instances": {}}',
            "[" * 100_000,
        ):
            self.assertRaises(InvalidData, from_json, text)
