"""
Sends random requests: ``python -m tests.attacks.fuzzing SOCKET COUNT SEED WORD...``.

It stops when there have been that many answers, and prints how many of each status
there were, and what was wrong: an answer that is no HTTP, one that has one of the words
in it, and a fault of the server's (5xx) that is none of those that are defined.
"""

from __future__ import annotations

import json
import socket
import sys
from collections import Counter
from contextlib import suppress

from tests.attacks.grammar import Grammar
from tests.web.responses import Malformed, Response, parsed

_DEFINED = (b"501 Not Implemented", b"505 HTTP Version Not Supported")
_PATIENCE = 120.0  # seconds
_FEW = 10


def exchanged(path: str, pieces: list[bytes]) -> bytes:
    """What comes back for a stream of requests, until the service has closed."""
    received = b""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(_PATIENCE)
        connection.connect(path)
        with suppress(BrokenPipeError, ConnectionResetError):
            for piece in pieces:
                connection.sendall(piece)
            connection.shutdown(socket.SHUT_WR)
        with suppress(ConnectionResetError):
            while data := connection.recv(1 << 20):
                received += data
    return received


def answers(received: bytes) -> list[Response]:
    """
    The answers, up to one that another protocol goes on behind.

    :raises Malformed: when they are none.
    """
    for mark in (b"HTTP/1.1 101 ", b"HTTP/1.1 200 OK\n"):
        received = received.partition(mark)[0]
    return parsed(received)


class Fuzzer:
    """Counts what comes, and what is wrong with it."""

    def __init__(self, path: str, words: list[bytes]) -> None:
        self._path = path
        self._words = words
        self.statuses: Counter[int] = Counter()
        self.wrong: list[str] = []

    def run(self, grammar: Grammar, count: int) -> None:
        """Send requests until there were so many answers."""
        while self.statuses.total() < count and len(self.wrong) < _FEW:
            stream = grammar.requests()
            received = exchanged(self._path, grammar.pieces(stream))
            try:
                faults = self._faults(received)
            except Malformed as error:
                faults = [str(error)]
            self.wrong += [f"{fault}: {stream!r}: {received!r}" for fault in faults]

    def _faults(self, received: bytes) -> list[str]:
        found = [f"it tells {word!r}" for word in self._words if word in received]
        for each in answers(received):
            if each.status >= 200:
                self.statuses[each.status] += 1
            if each.status >= 500 and not each.line[9:].startswith(_DEFINED):
                found.append("a fault that is not defined")
        return found


if __name__ == "__main__":
    fuzzer = Fuzzer(sys.argv[1], [word.encode() for word in sys.argv[4:]])
    fuzzer.run(Grammar(int(sys.argv[3])), int(sys.argv[2]))
    print(json.dumps({"statuses": fuzzer.statuses, "wrong": fuzzer.wrong}))
