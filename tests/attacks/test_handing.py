"""Connections and sockets that are given from one container to another."""

from __future__ import annotations

from pathlib import Path

from tests.attacks import case
from tests.attacks.guests import Guest, output, program


class HandingTests(case.AttackCase):
    """A connection is his who made it, and no more than that."""

    def setUp(self) -> None:
        """Start two containers."""
        super().setUp()
        self.red, self.blue = self.guest("red"), self.guest("blue")
        self.hand = str(self.service.directory / "hand")

    def handed(self, giver: Guest | None, *steps: str, then: tuple[str, ...]) -> str:
        """
        What the blue one is told over what it is given.

        :param giver: who does the steps and then gives his socket; none is the host.
        :param then: what is done with it.
        """
        Path(self.hand).unlink(missing_ok=True)
        taker = self.blue.started("asking", self.path, f"take={self.hand}", *then)
        assert taker.stdout is not None
        self.assertEqual(taker.stdout.readline(), "listening\n")
        giving = program("asking", self.path, *steps, f"give={self.hand}")
        output(giver.command(*giving) if giver else giving)
        return taker.communicate()[0].rstrip("\n")

    def test_connection(self) -> None:
        """Who is given a connection has what its maker gave away, and only over it."""
        told = self.handed(self.red, "connect", then=("ask",))
        self.assertEqual(told, "200 red")
        self.assertEqual(self.told(self.blue), "200 blue")

    def test_of_a_user(self) -> None:
        """A connection of a user gains nothing in the hands of another one's root."""
        told = self.handed(self.red, "uid=1000", "connect", then=("ask",))
        self.assertEqual(told, case.NOT_ROOT)

    def test_of_the_host(self) -> None:
        """A connection of the host is in no instance in the hands of one."""
        told = self.handed(None, "connect", then=("ask",))
        self.assertEqual(told, case.STRANGER)

    def test_socket(self) -> None:
        """Of a socket that one has made and another connected, the latter counts."""
        told = self.handed(self.red, then=("connect", "ask"))
        self.assertEqual(told, "200 blue")
