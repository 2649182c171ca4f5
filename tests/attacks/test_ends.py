"""Containers that end while they ask."""

from __future__ import annotations

import json
from http.client import HTTPException

from tests.attacks import case
from tests.attacks.guests import Guest
from tests.attacks.length import longer, tell
from tests.peers.service import until
from tests.service.processes import ask

_LIVES = longer(20)  # of each of two containers
_ASKING = 8


class EndTests(case.AttackCase):
    """What a container has begun is finished for it, or not at all."""

    # The begin and the end of each life are told.
    lines = 40 + 4 * _LIVES

    def life(self, name: str) -> tuple[Guest, case.Connection]:
        """A container that asks all the time, and a connection that it has made."""
        guest = self.guest(name)
        asking = guest.started("flooding", self.path, _ASKING, "comings")
        self.addCleanup(asking.communicate)
        connection = self.connection_of(guest)
        # Half a request is under way when its init dies.
        connection.sock.sendall(b"GET /1.0/config/user.name HTTP/1.1\r\n")
        return guest, connection

    def rest(self, connection: case.Connection) -> str:
        """The answer to the other half; nothing when the connection has ended."""
        try:
            connection.sock.sendall(b"Host: lxd\r\n\r\n")
            response = connection.response_class(connection.sock)
            response.begin()
            return f"{response.status} {response.read().decode().strip()}"
        except (OSError, HTTPException):
            return ""

    def status(self, name: str) -> str:
        """What operators are told of the life of an instance."""
        answer = ask(self.service.host_socket, f"/1.0/instances/{name}/state")
        return str(json.loads(answer)["metadata"]["status"])

    def test_lives(self) -> None:
        """
        Containers of two instances end at once again and again while they ask, and the
        other's next life begins: nobody is told what is the other's.
        """
        files = self.files()
        told: dict[str, int] = {}
        for number in range(_LIVES):
            name, other = ("red", "blue") if number % 2 else ("blue", "red")
            guest, connection = self.life(name)
            guest.kill()
            following = self.guest(other)
            answer = self.rest(connection)
            self.assertIn(answer, (f"200 {name}", case.STRANGER, ""))
            self.assertEqual(self.told(following), f"200 {other}")
            following.kill()
            until(lambda name=name: self.status(name) == "Stopped", "its end")
            told[answer[:3]] = told.get(answer[:3], 0) + 1
            connection.close()
        until(lambda: self.files() <= files, "all to be let go of")
        tell(lives=2 * _LIVES, told=told)
