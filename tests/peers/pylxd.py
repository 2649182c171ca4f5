"""Canonical's Python client, and a service for it to manage."""

from __future__ import annotations

from typing import Any

from attrs import define, field
from pylxd import Client
from twisted.trial.unittest import SynchronousTestCase

from tests.peers.service import Service

_PATIENCE = 60.0  # seconds; the machine may be busy


def client_of(test: SynchronousTestCase, service: Service, **others: Any) -> Any:
    """
    A client, until the end of a test.

    It waits for each answer, which the service, in a process of its own, gives.
    """
    client = Client(endpoint=str(service.host_socket), **others)
    test.addCleanup(client.api.session.close)
    return client


@define
class Listening:
    """
    Hears the events of a client.

    :ivar _socket: its WebSocket.
    """

    _socket: Any
    _given: int = field(default=0, init=False)

    @classmethod
    def to(cls, test: SynchronousTestCase, client: Any, **others: Any) -> Listening:
        """Listen until the end of a test."""
        connection = client.events(**others)
        connection.connect()
        test.addCleanup(connection.close_connection)
        connection.sock.settimeout(_PATIENCE)
        return cls(connection)

    def next(self) -> Any:
        """The next event."""
        while len(self._socket.messages) == self._given:
            if not self._socket.once():
                raise AssertionError("the service says nothing more")
        self._given += 1
        return self._socket.messages[self._given - 1]
