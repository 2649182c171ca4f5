"""
A server that sends one file to everybody who connects, by `shutil.copyfileobj`:
``python -m benchmarks.copying FILE SOCKET``.
"""

from __future__ import annotations

import os
import shutil
import socket
import sys
from pathlib import Path
from typing import BinaryIO


def serve(file: Path, address: str) -> None:
    """Serve one peer after the other, without an end."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(address)
        listening.listen()
        while True:
            peer, _ = listening.accept()
            with peer, file.open("rb") as content:
                answer(peer, content)


def answer(peer: socket.socket, content: BinaryIO) -> None:
    """Answer to one request, whatever it is."""
    if not peer.recv(65536):
        # It only looked whether we listen.
        return
    size = os.fstat(content.fileno()).st_size
    peer.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode())
    with peer.makefile("wb", buffering=0) as out:
        shutil.copyfileobj(content, out)


if __name__ == "__main__":
    serve(Path(sys.argv[1]), sys.argv[2])
