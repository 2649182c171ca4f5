"""Tests of which user gets an SSH key, and how."""

from __future__ import annotations

import yaml
from twisted.trial.unittest import SynchronousTestCase

from tests.model.merging import IMPORT, KEY, found_by_cloud_init, users_of, with_keys


class UsersTests(SynchronousTestCase):
    """Who gets the keys, and who does not."""

    def test_user_is_there(self) -> None:
        """A user who is there gets the key; all others stay as and where they are."""
        self.assertEqual(
            users_of("[default, {name: bob, sudo: x}, 'a,b']", f"bob:{KEY}"),
            [
                "default",
                {
                    "name": "bob",
                    "sudo": "x",
                    "ssh-authorized-keys": [KEY],
                    "ssh_authorized_keys": [KEY],
                },
                "a,b",
            ],
        )

    def test_user_by_name_alone(self) -> None:
        """A user who is given by the name alone becomes a map."""
        entry = {"name": "bob", "ssh-import-id": [IMPORT], "ssh_import_id": [IMPORT]}
        self.assertEqual(users_of("[a, bob]", f"bob:{IMPORT}"), ["a", entry])
        self.assertEqual(users_of("bob", f"bob:{IMPORT}"), [entry])
        self.assertEqual(users_of("a", f"bob:{IMPORT}"), ["a", entry])

    def test_default_user(self) -> None:
        """An entry without a name is that of ``default``, as cloud-init has it."""
        for entry, name in (
            ("default", {"name": "default"}),
            ("{sudo: x}", {"sudo": "x"}),
        ):
            self.assertEqual(
                users_of(f"[{entry}]", f"default:{IMPORT}"),
                [{**name, "ssh-import-id": [IMPORT], "ssh_import_id": [IMPORT]}],
            )

    def test_no_users(self) -> None:
        """An empty list, or none at all, gains a user."""
        for users in ("[]", "", "~"):
            (entry,) = users_of(users, f"bob:{IMPORT}")
            self.assertEqual(entry["name"], "bob")

    def test_several_keys(self) -> None:
        """Each user gets all keys in the order of their names, import ids apart."""
        self.assertEqual(
            found_by_cloud_init(
                with_keys("", "b:gh:1", f"a:{KEY}", "b:s 2", "b:gh:3", "b:gh:1")
            ),
            {
                "a": {"ssh_authorized_keys": [KEY]},
                "b": {
                    "ssh_authorized_keys": ["s 2"],
                    "ssh_import_id": ["gh:1", "gh:3"],
                },
            },
        )

    def test_twice(self) -> None:
        """Of several entries of a user, the one whose keys count gets the key."""
        users = f"[{{name: b}}, {{name: b, ssh_authorized_keys: [{KEY}]}}, {{name: b}}]"
        first, second, third = users_of(users, "b:k 2")
        self.assertEqual((first, third), ({"name": "b"}, {"name": "b"}))
        self.assertEqual(second["ssh_authorized_keys"], [KEY, "k 2"])
        first, second, third = users_of(users, f"b:{IMPORT}")
        self.assertEqual(first["ssh_import_id"], [IMPORT])

    def test_is_there(self) -> None:
        """A text that has the key already is what was stored, to the byte."""
        text = (
            "#cloud-config\nusers:   # mine\n"
            "- {name: bob, ssh_authorized_keys: [k 1], ssh-authorized-keys: 'k 1'}\n"
        )
        self.assertEqual(with_keys(text, "bob:k 1"), text)
        self.assertNotEqual(with_keys(text, "bob:k 1", "bob:k 2"), text)

    def test_one_spelling(self) -> None:
        """A user with one spelling of a list gets the key in both, and loses none."""
        self.assertEqual(
            users_of("[{name: b, ssh_authorized_keys: [k 1]}]", "b:k 2"),
            [
                {
                    "name": "b",
                    "ssh-authorized-keys": ["k 2"],
                    "ssh_authorized_keys": ["k 1", "k 2"],
                }
            ],
        )
        self.assertEqual(
            users_of("[{name: b, ssh-authorized-keys: [k 1]}]", "b:k 2"),
            [
                {
                    "name": "b",
                    "ssh-authorized-keys": ["k 1", "k 2"],
                    "ssh_authorized_keys": ["k 1", "k 2"],
                }
            ],
        )

    def test_one_string(self) -> None:
        """A string for a list is its only key; import ids are split at commas."""
        (entry,) = users_of(
            "[{name: b, ssh_authorized_keys: 'no=a,b k', ssh_import_id: 'gh:1,lp:2'}]",
            *("b:k 2", "b:gh:3"),
        )
        self.assertEqual(entry["ssh_authorized_keys"], ["no=a,b k", "k 2"])
        self.assertEqual(entry["ssh_import_id"], ["gh:1", "lp:2", "gh:3"])

    def test_null_list(self) -> None:
        """A list that is null is empty."""
        (entry,) = users_of("[{name: b, ssh_authorized_keys: }]", "b:k 1")
        self.assertEqual(entry["ssh_authorized_keys"], ["k 1"])

    def test_unsupported(self) -> None:
        """Users of another form than a list make the whole text stay as it is."""
        for users in (
            *("{}", "{bob: {sudo: x}}", "1", "true", "[1]", "[~]", "[[bob]]"),
            *("[{name: bob}, 2024-01-01]", "[{name: bob, ssh_import_id: {a: b}}]"),
            "[{name: bob, ssh-import-id: 5}]",
        ):
            text = f"#cloud-config\nusers: {users} # x\n"
            self.assertEqual(with_keys(text, f"bob:{IMPORT}"), text)

    def test_other_names(self) -> None:
        """A name that YAML takes for a number or a boolean is another name."""
        names = [
            user["name"] for user in users_of("[{name: 1}, {name: on}]", "1:a", "on:a")
        ]
        self.assertEqual(names, [1, True, "1", "on"])

    def test_shared(self) -> None:
        """To add to a user changes nothing that was the same by an alias."""
        text = with_keys(
            "#cloud-config\nx: &u {name: bob, ssh_import_id: &l [gh:1], groups: g}\n"
            "y: *l\nusers: [*u, *u, {<<: *u, name: al}]\n",
            "bob:gh:2",
        )
        content = yaml.safe_load(text)
        old = {"name": "bob", "ssh_import_id": ["gh:1"], "groups": "g"}
        self.assertEqual((content["x"], content["y"]), (old, ["gh:1"]))
        self.assertEqual(content["users"][1:], [old, {**old, "name": "al"}])
        self.assertEqual(
            found_by_cloud_init(text),
            {
                "bob": {"ssh_import_id": ["gh:1", "gh:2"]},
                "al": {"ssh_import_id": ["gh:1"]},
            },
        )

    def test_many(self) -> None:
        """Thousands of lines and hundreds of keys are no trouble."""
        text = "#cloud-config\nruncmd:\n" + "- echo\n" * 2000
        found = found_by_cloud_init(with_keys(text, *(f"b:gh:{n}" for n in range(300))))
        self.assertEqual(len(found["b"]["ssh_import_id"]), 300)

    def test_deep(self) -> None:
        """A text that is nested beyond all measure stays as it is."""
        for text in (f"{'[' * 99999}", f"{'[' * 200}{']' * 200}", "- " * 99999):
            text = f"#cloud-config\na: {text}\n"
            value = with_keys(text, f"root:{KEY}")
            self.assertTrue(value == text or KEY in value)
