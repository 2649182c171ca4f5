"""Debian's ``lxc`` manages the data of instances and profiles."""

from __future__ import annotations

import json

from tests.peers.lxc import LxcTestCase

_EDITED = """\
architecture: x86_64
config:
  user.foo: edited
description: Text
devices: {}
ephemeral: false
profiles:
- default
stateful: false
"""
_SHOWN = """\
architecture: x86_64
config:
  user.foo: edited
  volatile.cloud-init.instance-id: ID
  volatile.uuid: ID
devices: {}
ephemeral: false
profiles:
- default
stateful: false
description: Text
"""
_NIC = "eth0:\n  name: eth0\n  nictype: bridged\n  type: nic\n"
_DISK = "root:\n  path: /\n  pool: p\n  type: disk\n"
_PROFILE = """\
config:
  user.p: edited
description: Text
devices:
  root:
    path: /
    type: disk
name: p1
used_by:
- /1.0/instances/c1
"""
_TABLE = """\
+---------+-------------+---------+
|  NAME   | DESCRIPTION | USED BY |
+---------+-------------+---------+
| default |             | 1       |
+---------+-------------+---------+
| p1      |             | 0       |
+---------+-------------+---------+
"""


class ConfigTests(LxcTestCase):
    """``lxc config``."""

    def setUp(self) -> None:
        """One instance."""
        super().setUp()
        self.lxc_does("init --empty c1 -c user.a=1")

    def test_keys(self) -> None:
        """Keys are set, read and unset."""
        self.lxc_says(
            ("config set c1 user.foo bar", ""),
            ("config set c1 user.foo=baz user.b=2", ""),
            ("config get c1 user.foo", "baz\n"),
            ("config unset c1 user.b", ""),
            ("config get c1 user.b", "\n"),
        )
        self.lxc_fails("config set c1 usr.foo=bar", "Unknown configuration key")
        self.lxc_fails("config set c9 user.a=1", "Instance not found")
        self.lxc_fails("config set c1 volatile.uuid=x", "cannot be changed")

    def test_text(self) -> None:
        """A value is a text of any length, with what YAML and JSON escape."""
        text = "#cloud-config\n" + "".join(f"- <{n}> 'é' \"\t\n" for n in range(5000))
        self.lxc_does("config set c1 cloud-init.user-data -", given=text)
        said = self.lxc_does("config get c1 cloud-init.user-data")
        self.assertEqual(said, f"{text}\n")

    def test_edit(self) -> None:
        """An edited document replaces what was there, but for the ids."""
        self.lxc_does("config edit c1", given=_EDITED)
        shown = self.lxc_does("config show c1")
        ids = {line.split()[-1] for line in shown.splitlines() if "volatile" in line}
        self.assertEqual(len(ids), 2)
        for each in ids:
            shown = shown.replace(each, "ID")
        self.assertEqual(shown, _SHOWN)

    def test_expanded(self) -> None:
        """What profiles give is shown apart."""
        self.lxc_does("profile set default user.p=7", "profile set default user.a=7")
        self.lxc_says(
            ("config get c1 user.p", "\n"),
            ("config get c1 user.p --expanded", "7\n"),
            ("config get c1 user.a --expanded", "1\n"),
        )
        self.assertNotIn("user.p", self.lxc_does("config show c1"))
        self.assertIn('user.p: "7"', self.lxc_does("config show c1 --expanded"))

    def test_devices(self) -> None:
        """Devices come, change and go."""
        self.lxc_says(
            (
                "config device add c1 eth0 nic name=eth0 nictype=bridged",
                "Device eth0 added to c1\n",
            ),
            ("config device set c1 eth0 mtu 1400", ""),
            ("config device get c1 eth0 mtu", "1400\n"),
            ("config device unset c1 eth0 mtu", ""),
            ("config device list c1", "eth0\n"),
            ("config device show c1", _NIC),
            ("config device remove c1 eth0", "Device eth0 removed from c1\n"),
            ("config device show c1", "{}\n"),
        )
        self.lxc_fails(
            'query -X PATCH -d \'{"devices": {"x": {}}}\' /1.0/instances/c1',
            "has no type",
        )
        self.lxc_fails("config device remove c1 eth0", "Device doesn't exist")

    def test_override(self) -> None:
        """A device of a profile is made the instance's own, and changed."""
        self.lxc_does("profile device add default root disk path=/ pool=p")
        self.lxc_says(
            ("config device list c1", "\n"),
            (
                "config device override c1 root size=1GiB",
                "Device root overridden for c1\n",
            ),
            ("config device get c1 root size", "1GiB\n"),
            ("config device get c1 root pool", "p\n"),
            ("profile device show default", _DISK),
        )


class ProfileTests(LxcTestCase):
    """``lxc profile``."""

    def setUp(self) -> None:
        """One instance, and one profile beside the default one."""
        super().setUp()
        self.lxc_does("init --empty c1", "profile create p1")

    def test_users(self) -> None:
        """Profiles are given to instances and taken from them."""
        self.lxc_says(
            ("profile add c1 p1", "Profile p1 added to c1\n"),
            ("list -c nP --format csv", 'c1,"default\np1"\n'),
            ("profile assign c1 p1", "Profiles p1 applied to c1\n"),
            ("profile remove c1 p1", "Profile p1 removed from c1\n"),
            ("list -c nP --format csv", "c1,\n"),
            ("profile assign c1 default,p1", "Profiles default,p1 applied to c1\n"),
            ("profile assign c1 ''", "Profiles (none) applied to c1\n"),
        )
        self.lxc_fails("profile add c1 p3", "Requested profile")

    def test_life(self) -> None:
        """Profiles are listed, copied, renamed and deleted."""
        self.lxc_says(
            ("profile list", _TABLE),
            ("profile set p1 user.p 7", ""),
            ("profile copy p1 p2", ""),
            ("profile rename p2 p3", "Profile p2 renamed to p3\n"),
            ("profile get p3 user.p", "7\n"),
            ("profile unset p3 user.p", ""),
            ("profile get p3 user.p", "\n"),
            ("profile delete p3", "Profile p3 deleted\n"),
        )
        said = json.loads(self.lxc_does("query /1.0/profiles"))
        self.assertEqual(said, ["/1.0/profiles/default", "/1.0/profiles/p1"])
        self.lxc_fails("profile show p3", "Profile not found")
        self.lxc_fails("profile create p1", "already exists")
        self.lxc_fails("profile delete default", "cannot be deleted")

    def test_edit(self) -> None:
        """An edited document replaces what was there, and names its users."""
        self.lxc_does("profile add c1 p1", "profile set p1 user.q=1")
        self.lxc_does("profile edit p1", given=_PROFILE)
        self.lxc_says(
            ("profile show p1", _PROFILE),
            ("config get c1 user.p --expanded", "edited\n"),
            ("config get c1 user.q --expanded", "\n"),
        )

    def test_devices(self) -> None:
        """Devices come, change and go."""
        self.lxc_says(
            (
                "profile device add p1 eth0 nic name=eth0 nictype=bridged",
                "Device eth0 added to p1\n",
            ),
            ("profile device set p1 eth0 mtu 1400", ""),
            ("profile device get p1 eth0 mtu", "1400\n"),
            ("profile device unset p1 eth0 mtu", ""),
            ("profile device list p1", "eth0\n"),
            ("profile device show p1", _NIC),
            ("profile device remove p1 eth0", "Device eth0 removed from p1\n"),
            ("profile device show p1", "{}\n"),
        )
