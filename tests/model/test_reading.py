"""What guests of different servers read of the same config."""

from __future__ import annotations

from hypothesis import given
from twisted.trial.unittest import SynchronousTestCase

from devlxd.model import visibility
from devlxd.model.instance import Config
from devlxd.model.reading import Reading
from tests.model.worlds import configs

_KEY = "cloud-init.ssh-keys.me"


class ReadingTests(SynchronousTestCase):
    """`Reading` is a rule by which a config is read."""

    @given(configs)
    def test_default(self, config: Config) -> None:
        """Without more it is that of LXD 6."""
        reading = Reading()
        self.assertEqual(reading.listed_keys(config), visibility.listed_keys(config))
        for key in config:
            expected = visibility.value_of(config, key)
            self.assertEqual(reading.value_of(config, key), expected)

    @given(configs)
    def test_plain(self, config: Config) -> None:
        """Where no keys are merged, what can be read is listed, and is as it stands."""
        reading = Reading(merges_ssh_keys=False, has_empty=True)
        listed = reading.listed_keys(config)
        self.assertEqual(listed, sorted(filter(visibility.is_readable, config)))
        for key in config:
            expected = config[key] if key in listed else None
            self.assertEqual(reading.value_of(config, key), expected)

    def test_ssh_key(self) -> None:
        """Where no keys are merged, an SSH key is a key like any other."""
        config = {_KEY: "root:gh:me"}
        reading = Reading(merges_ssh_keys=False)
        self.assertEqual(reading.listed_keys(config), [_KEY])
        self.assertIs(reading.value_of(config, "cloud-init.user-data"), None)

    def test_empty(self) -> None:
        """An empty value is none, or is one."""
        config = {"user.a": ""}
        for has_empty, value in ((False, None), (True, "")):
            reading = Reading(merges_ssh_keys=False, has_empty=has_empty)
            self.assertEqual(reading.value_of(config, "user.a"), value)
            self.assertIs(reading.value_of(config, "user.b"), None)

    def test_switch(self) -> None:
        """The API is switched off by the key of that server, and by no other."""
        reading = Reading("security.guestapi")
        self.assertTrue(reading.is_served({"security.devlxd": "false"}))
        self.assertFalse(reading.is_served({"security.guestapi": "false"}))
