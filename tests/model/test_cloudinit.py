"""Tests of the text of ``/1.0/meta-data``."""

from __future__ import annotations

import yaml
from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from devlxd.model.cloudinit import metadata
from devlxd.model.expansion import Expanded
from devlxd.model.instance import Instance, Profile
from devlxd.model.names import InstanceName, ProfileName
from devlxd.model.renewal import INSTANCE_ID

UUID = "5b8f2a0e-1a4c-4f6e-9d55-0e2b6f3c7a11"


def text_for(name: str, **user: str) -> str:
    """The text for an instance with some ``user.`` keys and its instance-id."""
    config = {f"user.{key.replace('_', '-')}": value for key, value in user.items()}
    instance = Instance(InstanceName("lab", name), config={**config, INSTANCE_ID: UUID})
    return metadata(Expanded(instance))


class MetadataTests(SynchronousTestCase):
    """Tests of `metadata`."""

    def test_two_lines(self) -> None:
        """The text is the instance-id and the name, without the project."""
        self.assertEqual(text_for("c1"), f"instance-id: {UUID}\nlocal-hostname: c1\n")

    def test_user_metadata(self) -> None:
        """The user's meta-data follow, letter for letter."""
        for own in ("a: 1", "a: 1\n\n", "\r\n é\0\t# {{ x", "instance-id: mine\n"):
            self.assertEqual(text_for("c1", meta_data=own), text_for("c1") + own)

    def test_profile(self) -> None:
        """The user's meta-data may be a profile's, an instance-id may not."""
        name = ProfileName("default", "default")
        shared = Profile(name, config={"user.meta-data": "a: 1\n", INSTANCE_ID: UUID})
        instance = Instance(InstanceName("default", "c1"))
        self.assertEqual(
            metadata(Expanded(instance, [shared])),
            "instance-id: c1\nlocal-hostname: c1\na: 1\n",
        )

    def test_no_instance_id(self) -> None:
        """An instance that has no instance-id goes by its name."""
        for config in ({}, {INSTANCE_ID: ""}):
            instance = Instance(InstanceName("lab", "c1"), config=config)
            self.assertEqual(
                metadata(Expanded(instance)), "instance-id: c1\nlocal-hostname: c1\n"
            )

    def test_odd_names(self) -> None:
        """A name that YAML would take for something else is quoted."""
        for name in ("on", "42", "1.5", "null", "2024-01-02", "2024-13-99", "0x_"):
            self.assertIn(f"local-hostname: '{name}'\n", text_for(name))
        for name in ("c1", "web-1", "a.b_c", "1a"):
            self.assertIn(f"local-hostname: {name}\n", text_for(name))

    @given(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,9}", fullmatch=True))
    def test_any_name(self, name: str) -> None:
        """cloud-init reads every name as what it is, and for an instance-id, too."""
        state = Expanded(Instance(InstanceName("default", name)))
        self.assertEqual(
            yaml.safe_load(metadata(state)),
            {"instance-id": name, "local-hostname": name},
        )
