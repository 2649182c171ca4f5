"""Containers that change who their users are."""

from __future__ import annotations

from pathlib import Path

from tests.attacks import case
from tests.attacks.guests import Guest


class UserTests(case.AttackCase):
    """Nobody becomes root of an instance, or anybody in another one, by a new map."""

    def mapped(self, name: str, outside: int) -> Guest:
        """A container whose root is that user on the host."""
        guest = self.guest(options=("--user", "--mount-proc"))
        self.map_users(guest, outside)
        self.register(name, guest.init)
        return guest

    def map_users(self, guest: Guest, outside: int) -> None:
        """Say who the users of a container are, which has its own."""
        for file in ("uid_map", "gid_map"):
            Path(f"/proc/{guest.init}/{file}").write_text(f"0 {outside} 65536\n")

    def test_root(self) -> None:
        """Root stays root of its instance in a user namespace, and in a nested one."""
        red = self.guest("red")
        for steps in (("users",), ("users", "pids"), ("users", "users", "pids")):
            self.assertEqual(self.told(red, *steps), "200 red", steps)

    def test_user(self) -> None:
        """A user who makes himself root is the user that he was."""
        red = self.guest("red")
        for steps in (("users",), ("users", "pids"), ("users", "users", "pids")):
            told = self.told(red, "uid=1000", *steps)
            self.assertEqual(told, case.NOT_ROOT, steps)

    def test_remapped(self) -> None:
        """Root that makes itself another user outside is that one, in its instance."""
        red, blue = self.guest("red"), self.mapped("blue", 200000)
        self.assertEqual(self.told(blue, "enter"), "200 blue")
        for uid in ("1000", "200000"):
            self.assertEqual(self.told(red, f"remapped={uid}"), case.NOT_ROOT, uid)
            self.assertEqual(self.told(red, f"uid={uid}"), case.NOT_ROOT, uid)

    def test_remapped_inside(self) -> None:
        """The same in a container that has users of its own."""
        red = self.mapped("red", 100000)
        for steps, answer in (
            ((), "200 red"),
            (("users", "pids"), "200 red"),
            (("remapped=1000",), case.NOT_ROOT),
            (("uid=1000", "users", "pids"), case.NOT_ROOT),
        ):
            self.assertEqual(self.told(red, "enter", *steps), answer, steps)

    def test_init(self) -> None:
        """
        An init that changes its own users, before anybody has asked, changes who is
        root in its instance, and nothing in another one.
        """
        self.guest("blue")
        script = "read line; exec unshare --user sh -c 'echo again; exec cat'"
        red = self.guest("red", script=script)
        self.assertEqual(red.say("go"), "again")
        self.assertEqual(self.told(red), case.STRANGER)
        self.map_users(red, 100000)
        self.assertEqual(self.told(red, "enter"), "200 red")
        self.assertEqual(self.told(red), case.NOT_ROOT)
