"""
Holds connections and gives each a byte now and then, after a beginning that it has at
once, until the service has closed them all:
``dripping.py SOCKET CONNECTIONS BEGINNING BYTES``.

Prints a line when it has made them, then what came before they were closed, and how
often that.
"""

from __future__ import annotations

import json
import socket
import sys
import time
from collections import Counter
from select import select

_PAUSE = 0.1  # seconds


def main(path: str, count: int, beginning: bytes, asks: bytes) -> None:
    """Do so."""
    heard: dict[socket.socket, bytes] = {}
    for _ in range(count):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(path)
        connection.sendall(beginning)
        heard[connection] = b""
    print("connected", flush=True)
    ended: Counter[str] = Counter()
    place = 0
    while heard:
        for connection in heard:
            try:
                connection.send(asks[place : place + 1])
            except OSError:
                continue  # to be read yet
        place = min(place + 1, len(asks) - 1)
        time.sleep(_PAUSE)
        for connection in select(list(heard), [], [], 0)[0]:
            try:
                data = connection.recv(65536)
            except OSError:
                data = b""
            heard[connection] += data
            if not data:
                ended[heard.pop(connection).decode().partition("\r\n")[0]] += 1
    print(json.dumps(ended))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), *(word.encode() for word in sys.argv[3:]))
