"""Processes that call themselves supervisors of other containers."""

from __future__ import annotations

from tests.attacks import case

TITLES = tuple(f"title=[lxc monitor] /x {name}" for name in ("blue", "idle"))
"""Of an instance that runs, and of one that does not; ``/x`` is a path that counts."""

USER = "uid=1000"
WAYS = ((), ("fork",))
"""Who asks: the process itself, or a child of it."""

NESTED = (("pids",), ("users", "pids"), ("pids", "fork"))
"""Or one in a container of its own."""


class NameTests(case.AttackCase):
    """Nobody is another instance by what he is called."""

    def setUp(self) -> None:
        """Start a victim."""
        super().setUp()
        self.guest("blue")

    def test_root_inside(self) -> None:
        """Root of a container stays in it."""
        red = self.guest("red")
        for title in TITLES:
            for way in WAYS + NESTED:
                self.assertEqual(self.told(red, title, *way), "200 red", way)

    def test_user_inside(self) -> None:
        """A user of a container stays one of it."""
        red = self.guest("red")
        for title in TITLES:
            for way in (*WAYS, ("users", "pids")):
                self.assertEqual(self.told(red, title, USER, *way), case.NOT_ROOT, way)

    def test_unregistered(self) -> None:
        """Whoever is in a container that is no instance is in none."""
        stranger = self.guest()
        for title in TITLES:
            for user in ((), (USER,)):
                for way in (*WAYS, ("users", "pids")):
                    told = self.told(stranger, title, *user, *way)
                    self.assertEqual(told, case.STRANGER, way)

    def test_host(self) -> None:
        """
        A process of the host is in none, even if it is root; nor is one in a container
        that a user has made.
        """
        for title in TITLES:
            for user in ((), (USER,)):
                for way in WAYS:
                    told = self.told(None, title, *user, *way)
                    self.assertEqual(told, case.STRANGER, (user, way))
                told = self.told(None, title, *user, "users", "pids")
                self.assertEqual(told, case.STRANGER, user)
