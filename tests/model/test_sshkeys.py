"""Tests of merging SSH keys into user-data and vendor-data."""

from __future__ import annotations

import yaml
from twisted.trial.unittest import SynchronousTestCase

from devlxd.model.cloudconfig import COMMENT
from devlxd.model.sshkeys import DATA_KEYS, SSHKey, ssh_keys
from tests.model.merging import IMPORT, KEY, USER, VENDOR, with_keys


class SSHKeysTests(SynchronousTestCase):
    """Tests of `ssh_keys`."""

    def test_read(self) -> None:
        """The keys are read in the order of their names, split at the first colon."""
        config = {
            "cloud-init.ssh-keys.b": f"root:{IMPORT}",
            "cloud-init.ssh-keys.a": f"bob:{KEY}",
            "cloud-init.ssh-keys": "root:x",
            "user.ssh-keys.a": "root:y",
        }
        self.assertEqual(ssh_keys(config), [SSHKey("bob", KEY), SSHKey("root", IMPORT)])

    def test_no_keys(self) -> None:
        """A value that lacks the user, the colon or the key is none."""
        for value in ("none", "", ":", "root:", ":gh:somebody"):
            self.assertEqual(ssh_keys({"cloud-init.ssh-keys.a": value}), [])

    def test_kinds(self) -> None:
        """A key with a space is a public key, one without is an import id."""
        self.assertIn("ssh_authorized_keys", SSHKey("root", KEY).fields)
        self.assertIn("ssh_import_id", SSHKey("root", IMPORT).fields)


class TableTests(SynchronousTestCase):
    """The specification's examples, but for what is not rewritten without a key."""

    def test_unset(self) -> None:
        """A key makes a cloud-config of what is not set, in both."""
        for key in (USER, VENDOR):
            self.assertEqual(
                with_keys("", "root:gh:user1", key=key),
                "#cloud-config\n"
                "users:\n"
                "- name: root\n"
                "  ssh-import-id:\n"
                "  - gh:user1 #lxd:cloud-init.ssh-keys\n"
                "  ssh_import_id:\n"
                "  - gh:user1 #lxd:cloud-init.ssh-keys\n",
            )

    def test_vendor_data_has_users(self) -> None:
        """User-data gains no users while vendor-data alone has some."""
        vendor_data = "#cloud-config\nusers: [default]\n"
        for text in ("", "#cloud-config\n", "#cloud-config\npackages: [x]\n"):
            for other in ("user__vendor_data", "cloud_init__vendor_data"):
                value = with_keys(text, "root:gh:a", key=USER, **{other: vendor_data})
                self.assertEqual(value, text)
        self.assertIn("gh:a #", with_keys(vendor_data, "root:gh:a", user__user_data=""))

    def test_header_only(self) -> None:
        """A header alone is kept, and gains what is added."""
        for text in ("#cloud-config", "#cloud-config\n"):
            self.assertEqual(
                with_keys(text, "root:gh:user1"), with_keys("", "root:gh:user1")
            )

    def test_content(self) -> None:
        """Other content is written anew: sorted, without comments, in YAML's types."""
        self.assertEqual(
            with_keys(
                "#cloud-config\n# hello\nruncmd:\n  - echo 'a'   # c\n"
                "packages: [b, a]\nz: 010\ny: yes\nd: 2024-01-02\n",
                "root:gh:user1",
            ),
            "#cloud-config\n# hello\nd: 2024-01-02\npackages:\n- b\n- a\n"
            "runcmd:\n- echo 'a'\nusers:\n- name: root\n"
            "  ssh-import-id:\n  - gh:user1 #lxd:cloud-init.ssh-keys\n"
            "  ssh_import_id:\n  - gh:user1 #lxd:cloud-init.ssh-keys\n"
            "y: true\nz: 8\n",
        )

    def test_without_keys(self) -> None:
        """Without any SSH key, every text is what was stored."""
        for text in ("", "#cloud-config", "#cloud-config\nz: 010 # x\n", "a"):
            for key in (USER, VENDOR):
                self.assertEqual(with_keys(text, key=key), text)
                self.assertEqual(with_keys(text, "none", key=key), text)

    def test_no_cloud_config(self) -> None:
        """What is no cloud-config stays as it is."""
        for text in (
            "#!/bin/sh\necho\n",
            "users: []\n",
            "# 1\n# 2\n#cloud-config\nusers: []\n",
            "Content-Type: multipart/mixed; boundary=x\n\n--x\n",
            "## template: jinja\n#cloud-config\nhostname: {{v1.x}}\n",
            "#cloud-config\nusers: [\n",
        ):
            self.assertEqual(with_keys(text, f"root:{KEY}"), text)

    def test_template(self) -> None:
        """A template keeps its header and its expressions."""
        text = with_keys(
            "## template: jinja\n#cloud-config\nruncmd:\n  - echo {{v1.x}}\n"
            "  - \"{{ v | default('a') }}\"\n"
            "  - |\n    {{ v | default('a') }}\n    b\n",
            f"root:{IMPORT}",
        )
        self.assertTrue(
            text.startswith(
                "## template: jinja\n#cloud-config\nruncmd:\n- echo {{v1.x}}\n"
                "- \"{{ v | default('a') }}\"\n"
                "- |\n  {{ v | default('a') }}\n  b\nusers"
            )
        )

    def test_long_key(self) -> None:
        """A long key that has to be quoted stays one line, its comment behind it."""
        key = f"ssh-rsa {'A' * 700} a comment: of {'words ' * 30}and more"
        lines = with_keys("", f"root:{key}").splitlines()
        self.assertEqual(lines[4:7:2], [f"  - '{key}' {COMMENT}"] * 2)


class PlaceTests(SynchronousTestCase):
    """Which texts the keys are merged into."""

    def test_other_keys(self) -> None:
        """A key that is neither user-data nor vendor-data is never rewritten."""
        text = "#cloud-config\nusers: []\n"
        for key in ("user.foo", "user.meta-data", "cloud-init.network-config"):
            self.assertEqual(with_keys(text, f"root:{KEY}", key=key), text)

    def test_both_names(self) -> None:
        """Both names of either are rewritten, each from its own text."""
        for pair in DATA_KEYS:
            for key in pair:
                value = with_keys("#cloud-config\nx: 1\n", f"root:{KEY}", key=key)
                self.assertEqual(set(yaml.safe_load(value)), {"users", "x"})

    def test_own_text(self) -> None:
        """The text under one name never stands in for that under the other."""
        other = "#cloud-config\npackages: [x]\n"
        for values in ([], ["root:k"]):
            value = with_keys("", *values, key=USER, cloud_init__user_data=other)
            self.assertEqual(value, with_keys("", *values, key=USER))

    def test_user_data_has_users(self) -> None:
        """User-data that has users gains keys, whatever vendor-data has."""
        text = "#cloud-config\nusers: [default]\n"
        self.assertIn(
            IMPORT, with_keys(text, f"root:{IMPORT}", key=USER, user__vendor_data=text)
        )

    def test_null_users(self) -> None:
        """To have ``users`` with nothing in it is to have users."""
        text = "#cloud-config\nusers:\n"
        for own, merged in ((text, True), ("#cloud-config\n", False)):
            value = with_keys(own, "r:k", key=USER, user__vendor_data=text)
            self.assertEqual("name: r" in value, merged)

    def test_vendor_data_first_name(self) -> None:
        """Of the two names of vendor-data the first that is not empty counts."""
        users, none = "#cloud-config\nusers: [a]\n", "#cloud-config\n"
        for first, second, merged in (
            (none, users, True),
            (users, none, False),
            ("", users, False),
            ("#!/bin/sh", users, True),
            ("#cloud-config\n[", users, True),
        ):
            value = with_keys(
                *("", "r:k"),
                key=USER,
                cloud_init__vendor_data=first,
                user__vendor_data=second,
            )
            self.assertEqual(value != "", merged)
