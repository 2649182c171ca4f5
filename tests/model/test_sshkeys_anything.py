"""Tests of what holds for whatever SSH keys are merged into."""

from __future__ import annotations

from collections.abc import Iterator

import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from devlxd.model.cloudconfig import COMMENT
from devlxd.model.sshkeys import SSHKey
from tests.model.merging import KEY, found_by_cloud_init, with_keys
from tests.model.worlds import cloud_configs, ssh_values, texts


class PropertyTests(SynchronousTestCase):
    """What holds for whatever is stored."""

    @given(cloud_configs(), st.lists(ssh_values, max_size=3))
    def test_all_is_kept(self, text: str, values: list[str]) -> None:
        """cloud-init finds all that it found before, and the keys."""
        value = with_keys(text, *values)
        old, new = yaml.safe_load(text) or {}, yaml.safe_load(value) or {}
        added = [x for x in map(_pair, values) if x is not None]
        self.assertEqual({**old, "users": 0}, {**new, "users": 0})
        self.assertEqual("users" in new, "users" in old or bool(added))
        found, before = found_by_cloud_init(value), found_by_cloud_init(text)
        self.assertEqual(set(found), {*before, *(user for user, _ in added)})
        for user, key in added:
            self.assertIn(key, found[user][_field(key)])
        for user, lists in before.items():
            for field, keys in lists.items():
                self.assertLessEqual(set(keys), set(found[user][field]))

    @given(cloud_configs(), st.lists(ssh_values, max_size=3))
    def test_once(self, text: str, values: list[str]) -> None:
        """To add the same keys again adds nothing."""
        value = with_keys(text, *values)
        self.assertEqual(with_keys(value, *values), value)

    @given(cloud_configs(), st.lists(ssh_values, max_size=3))
    @example("#cloud-config\nusers: [{name: a, ssh_import_id: 'b,c'}]", ["a:d"])
    def test_strings(self, text: str, values: list[str]) -> None:
        """No string is in the result but the old ones and what the keys say."""
        known = {"users", "name", *SSHKey("", "").fields, *SSHKey("", " ").fields}
        known.update(*(_pair(value) or () for value in values))
        known.update(_strings(yaml.safe_load(text)))
        for string in set(_strings(yaml.safe_load(with_keys(text, *values)))) - known:
            # A part of a string of import ids.
            self.assertTrue(any(string in old.split(",") for old in known), string)

    @given(texts, texts)
    @example("root", "a\nb")
    @example("on", f"ssh-rsa A {COMMENT}")
    @example("\x85", " \u2028 ")
    def test_any_key(self, user: str, key: str) -> None:
        """A user and a key are read as what they are, whatever is in them."""
        user, key = user.replace(":", "") or "x", f"{key} "
        found = found_by_cloud_init(with_keys("", f"{user}:{key}"))
        self.assertEqual(found, {user: {"ssh_authorized_keys": [key]}})

    @given(
        st.sampled_from(["", "#cloud-config\n", "#cloud-config\nusers:\n"]),
        st.text("ab01-.:,?&*!|>%@`'\"{}[]#~<= \n\t\r\u2028é"),
    )
    def test_any_text(self, start: str, rest: str) -> None:
        """Any text is either left as it is, or has its header and the key."""
        text = start + rest
        value = with_keys(text, f"root:{KEY}")
        if value != text:
            self.assertTrue(value.startswith("#cloud-config"))
            self.assertIn(
                KEY, found_by_cloud_init(value)["root"]["ssh_authorized_keys"]
            )


def _pair(value: str) -> tuple[str, str] | None:
    user, _, key = value.partition(":")
    return (user, key) if user and key else None


def _field(key: str) -> str:
    return "ssh_authorized_keys" if " " in key else "ssh_import_id"


def _strings(value: object) -> Iterator[str]:
    """All strings within a value, those of keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for pair in value.items():
            for part in pair:
                yield from _strings(part)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
