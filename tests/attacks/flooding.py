"""
Asks on many connections at once as fast as it can, until its input ends:
``flooding.py SOCKET CONNECTIONS KIND``.

To each line of input it prints how many connections it has made, how many answers it
has had, and how many of these were refusals of a connection.

A connection that the service closes is made anew.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from collections import Counter
from select import EPOLLIN, EPOLLOUT, epoll

_HEAD = b"GET /1.0/config/user.name HTTP/1.1\r\nHost:\r\n"
_CHUNKED = b"PATCH /1.0 HTTP/1.1\r\nHost:\r\nTransfer-Encoding: chunked\r\n\r\n"
_FULL = b"HTTP/1.1 503 Service Unavailable"

KINDS = {
    # Thousands of requests, without a look at the answers.
    "requests": (_HEAD + b"\r\n") * 3000,
    # Thousands of headers in each.
    "headers": _HEAD + b"a:\n" * 15000 + b"\r\n",
    # A body of chunks of one byte.
    "chunks": _CHUNKED + b"1\r\nx\r\n" * 10000 + b"0\r\n\r\n",
    # One request, and then another connection.
    "comings": _HEAD + b"Connection: close\r\n\r\n",
}
_ONCE = "comings"


class Flood:
    """Connections that ask the same again and again."""

    def __init__(self, path: str, kind: str) -> None:
        self._path = path
        self._asks = KINDS[kind]
        self._again = b"" if kind == _ONCE else self._asks
        self._poll = epoll()
        self._waiting: dict[int, tuple[socket.socket, bytes]] = {}
        self.counted: Counter[str] = Counter()

    def connect(self) -> None:
        """Make one more connection."""
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(self._path)
        connection.setblocking(False)
        self._waiting[connection.fileno()] = connection, self._asks
        self._poll.register(connection, EPOLLIN | EPOLLOUT)
        self.counted["connections"] += 1

    def go_on(self) -> None:
        """Do what can be done now."""
        for descriptor, events in self._poll.poll(0.1):
            if descriptor == sys.stdin.fileno():
                self._tell()
                continue
            connection, rest = self._waiting[descriptor]
            try:
                if events & EPOLLOUT:
                    rest = rest[connection.send(rest) :] or self._again
                    self._waiting[descriptor] = connection, rest
                    if not rest:
                        self._poll.modify(connection, EPOLLIN)
                if events & ~EPOLLOUT:
                    self._hear(connection)
            except OSError:
                self._anew(connection)

    def listen(self) -> None:
        """Watch the input."""
        self._poll.register(sys.stdin, EPOLLIN)

    def _tell(self) -> None:
        if not os.read(sys.stdin.fileno(), 100):
            sys.exit()
        print(json.dumps(self.counted), flush=True)

    def _hear(self, connection: socket.socket) -> None:
        heard = connection.recv(1 << 20)
        self.counted["answers"] += heard.count(b"HTTP/1.1 ")
        self.counted["refused"] += heard.count(_FULL)
        if not heard:
            self._anew(connection)

    def _anew(self, connection: socket.socket) -> None:
        del self._waiting[connection.fileno()]
        connection.close()
        self.connect()


if __name__ == "__main__":
    flood = Flood(sys.argv[1], sys.argv[3])
    flood.listen()
    for _ in range(int(sys.argv[2])):
        flood.connect()
    while True:
        flood.go_on()
