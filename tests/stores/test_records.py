"""What is kept, as documents."""

from __future__ import annotations

import json

from hypothesis import given
from twisted.trial.unittest import SynchronousTestCase

from devlxd.model.image import Alias, Image
from devlxd.model.instance import Instance, Profile
from devlxd.model.names import InstanceName, ProfileName
from devlxd.stores.backend import StoreUnusable
from devlxd.stores.records import (
    alias_document,
    alias_from,
    image_document,
    image_from,
    instance_document,
    instance_from,
    profile_document,
    profile_from,
)
from tests.stores.strategies import aliases, images, instances, profiles

NAME = InstanceName("default", "c1")


class RecordsTests(SynchronousTestCase):
    """Documents hold all but the name."""

    @given(images)
    def test_image(self, image: Image) -> None:
        """An image that is read back is equal to what was written."""
        self.assertEqual(image_from(image.name, image_document(image)), image)

    @given(aliases)
    def test_alias(self, alias: Alias) -> None:
        """An alias that is read back is equal to what was written."""
        self.assertEqual(alias_from(alias.name, alias_document(alias)), alias)

    @given(instances)
    def test_instance(self, instance: Instance) -> None:
        """An instance that is read back is equal to what was written."""
        read = instance_from(instance.name, instance_document(instance))
        self.assertEqual(read, instance)
        self.assertEqual(read.created.isoformat(), instance.created.isoformat())

    @given(profiles)
    def test_profile(self, profile: Profile) -> None:
        """A profile that is read back is equal to what was written."""
        read = profile_from(profile.name, profile_document(profile))
        self.assertEqual(read, profile)

    @given(instances)
    def test_ascii(self, instance: Instance) -> None:
        """A document is one line of printable ASCII, whatever it says."""
        document = instance_document(instance)
        self.assertTrue(document.isascii())
        self.assertTrue(document.isprintable())

    def test_lacking(self) -> None:
        """What a document does not say has its default."""
        document = json.dumps(
            {"type": "container", "created": "1970-01-01T00:00:00+00:00"}
        )
        self.assertEqual(instance_from(NAME, document), Instance(NAME))
        profile = ProfileName("default", "p1")
        self.assertEqual(profile_from(profile, "{}"), Profile(profile))

    def test_broken(self) -> None:
        """A broken document fails with `StoreUnusable`, which names whose it is."""
        whole = json.loads(instance_document(Instance(NAME)))
        for broken in (
            "",
            "{",
            "null",
            "[]",
            "{}",
            json.dumps({**whole, "type": "box"}),
            json.dumps({**whole, "created": 7}),
            json.dumps({**whole, "created": "now"}),
            json.dumps({**whole, "config": {"unheard": "of"}}),
            json.dumps({**whole, "config": 1}),
            json.dumps({**whole, "devices": {"root": None}}),
            json.dumps({**whole, "unheard": "of"}),
        ):
            error = self.assertRaises(StoreUnusable, instance_from, NAME, broken)
            self.assertIn(str(NAME), str(error))
