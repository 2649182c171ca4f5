"""Tests of what a file of instances may not hold."""

from __future__ import annotations

from collections.abc import Mapping

from twisted.trial.unittest import SynchronousTestCase

from devlxd.host.instancesfile import read_manifest
from devlxd.host.yamltree import BadFile
from devlxd.model.names import InstanceName

C1 = InstanceName("default", "c1")


class RefusalTests(SynchronousTestCase):
    """Tests of `read_manifest` on what is wrong."""

    def refused(self, text: str) -> str:
        """The message about a text."""
        error: BadFile = self.assertRaises(BadFile, read_manifest, text)
        return error.of("F")

    def in_entry(self, lines: Mapping[str, str], kind: str = "instances") -> None:
        """
        Check the messages about entries that have these lines in them, the first of
        which is line 3.
        """
        for text, message in lines.items():
            body = text.replace("\n", "\n    ")
            with self.subTest(text):
                self.assertEqual(
                    self.refused(f"{kind}:\n  lab/c1:\n    {body}"), message
                )

    def test_unknown_key(self) -> None:
        """A key that does not exist is refused, with the nearest one that does."""
        self.assertEqual(
            self.refused("# x\ninstance: {}"),
            "F:2: unknown key 'instance'; did you mean 'instances'?",
        )
        self.assertEqual(
            self.refused("config: {}"),
            "F:1: unknown key 'config'; known: profiles, instances",
        )
        self.in_entry(
            {
                "type: container\ndevice: {}": (
                    "F:4: unknown key 'device'; did you mean 'devices'?"
                ),
                "used_by: []": (
                    "F:3: unknown key 'used_by'; known: description, type, "
                    "architecture, profiles, ephemeral, stateful, location, "
                    "created_at, config, devices, name, project, init"
                ),
            }
        )
        self.in_entry(
            {
                "init: 1": (
                    "F:3: unknown key 'init'; known: description, config, devices, "
                    "name, project, used_by"
                )
            },
            "profiles",
        )

    def test_names(self) -> None:
        """A name that cannot be one is refused."""
        self.assertEqual(
            self.refused("instances:\n  a: {}\n  a b: {}"), "F:3: Invalid name 'a b'"
        )
        self.assertEqual(
            self.refused("profiles:\n  a_b/c: {}"), "F:2: Invalid project name 'a_b'"
        )

    def test_twice(self) -> None:
        """An entry that is there twice is refused, however it is called."""
        self.assertEqual(
            self.refused("instances:\n  a: {}\n  default/a: {}"),
            "F:3: default/a is there twice",
        )
        self.in_entry(
            {
                "config: {}\nconfig: {}": (
                    "F:4: 'config' is there twice, first in line 3"
                ),
                "config:\n  user.a: 1\n  user.a: 2": (
                    "F:5: 'user.a' is there twice, first in line 4"
                ),
            }
        )

    def test_kinds(self) -> None:
        """What should be of another kind is refused."""
        self.assertEqual(
            self.refused("instances:\n- a"), "F:2: expected a map, but this is a list"
        )
        self.in_entry(
            {
                "[]": "F:3: expected a map, but this is a list",
                "config: []": "F:3: expected a map, but this is a list",
                "config:\n  user.a: [1]": "F:4: expected a text, but this is a list",
                "devices:\n  eth0: nic": "F:4: expected a map, but this is a text",
                "devices:\n  eth0:\n    type: {}": (
                    "F:5: expected a text, but this is a map"
                ),
                "profiles: web": "F:3: expected a list, but this is a text",
                "profiles:\n- web\n-": "F:5: expected a text, but there is nothing",
                "type: []": "F:3: expected a text, but this is a list",
            }
        )

    def test_values(self) -> None:
        """A value that its key cannot have is refused."""
        self.in_entry(
            {
                "type: vm": (
                    "F:3: Invalid type 'vm': must be container or virtual-machine"
                ),
                "ephemeral: maybe": (
                    "F:3: Invalid boolean 'maybe': must be true or false"
                ),
                "created_at: now": (
                    "F:3: Invalid time 'now': must be as 2026-01-31T12:00:00Z"
                ),
                "profiles:\n- web\n- lab/web": "F:5: Invalid name 'lab/web'",
                'description: "\\ud800"': "F:3: Invalid value: not valid Unicode",
            }
        )

    def test_config(self) -> None:
        """Config that LXD would refuse is refused, with its own line."""
        self.in_entry(
            {
                "config:\n  user.a: 1\n  usr.a: 1": (
                    "F:5: Invalid config: Unknown configuration key: 'usr.a'"
                ),
                "config:\n  usr.a:": (
                    "F:4: Invalid config: Unknown configuration key: 'usr.a'"
                ),
                "config:\n  security.devlxd: maybe": (
                    "F:4: Invalid config: Invalid value for a boolean 'maybe' of "
                    "'security.devlxd'"
                ),
                'config:\n  user.a: "\\udc00"': "F:4: Invalid value: not valid Unicode",
            }
        )

    def test_devices(self) -> None:
        """Devices that LXD would refuse are refused, with their own line."""
        self.in_entry(
            {
                "devices:\n  root: {type: disk}\n  eth0:\n    name: eth0": (
                    "F:5: Invalid devices: Device 'eth0' has no type"
                ),
                "devices:\n  eth0:\n    type:": (
                    "F:4: Invalid devices: Device 'eth0' has no type"
                ),
                'devices:\n  eth0:\n    type: nic\n    x: "\\udc00"': (
                    "F:6: Invalid value: not valid Unicode"
                ),
                'devices:\n  "":\n    type: nic': (
                    "F:4: Invalid devices: Invalid device name ''"
                ),
            }
        )

    def test_naming(self) -> None:
        """The name in a pasted document is that of its entry, or refused."""
        for text in ("name: c1", "name: lab/c1", "name:", "project: lab"):
            read_manifest(f"instances:\n  lab/c1:\n    {text}")
        self.in_entry(
            {
                "name: c2": "F:3: the name of lab/c1 must be 'c1' or left out",
                "project: web": "F:3: the project of lab/c1 must be 'lab' or left out",
            }
        )

    def test_recursive_alias(self) -> None:
        """A map that holds itself is refused as any map in that place."""
        self.assertEqual(
            self.refused("instances: &a\n  c1: *a"),
            "F:2: unknown key 'c1'; known: description, type, architecture, profiles, "
            "ephemeral, stateful, location, created_at, config, devices, name, "
            "project, init",
        )
        self.in_entry(
            {"config: &a {user.a: *a}": "F:3: expected a text, but this is a map"}
        )

    def test_init(self) -> None:
        """A pid is a positive number."""
        for text in ("0", "-1", "010", "1.5", "x", "2147483648", "9" * 5000, "''", "٣"):
            value = text.strip("'")
            self.in_entry(
                {
                    f"init: {text}": (
                        f"F:3: Invalid pid {value!r}: must be a positive number"
                    )
                }
            )
        for text in ("1", "2147483647"):
            self.assertEqual(
                read_manifest(f"instances: {{c1: {{init: {text}}}}}").inits[C1],
                int(text),
            )

    def test_yaml(self) -> None:
        """What is no YAML is refused."""
        self.assertEqual(
            self.refused("a: 1\n b: 2"), "F:2: mapping values are not allowed here"
        )
