"""Where ``devlxd agent`` leads to."""

from __future__ import annotations

import re
import socket
from argparse import ArgumentTypeError
from collections.abc import Callable
from typing import Any, TypeAlias

from attrs import frozen
from twisted.internet.endpoints import HostnameEndpoint
from twisted.internet.interfaces import IStreamClientEndpoint

from devlxd.client.connection import SocketEndpoint
from devlxd.client.streams import StreamEndpoint

__all__ = ["Destination", "destination"]

_Connects: TypeAlias = Callable[[Any, float], IStreamClientEndpoint]

_TCP = re.compile(r"tcp:(?:\[([0-9a-fA-F:.]+)\]|([^:\[\]]+)):([0-9]{1,5})")
_VSOCK = re.compile(r"vsock:([0-9]{1,10}):([0-9]{1,10})")
_UNIX = re.compile(r"unix:(.+)", re.DOTALL)

_HIGHEST_PORT = 65535
_HIGHEST = 0xFFFFFFFF  # of context ids and ports, vsock(7)


@frozen
class Destination:
    """
    A place to connect to.

    :ivar text: as it was written.
    :ivar endpoint: what connects to it, made of a reactor and the seconds that it may
        take.
    """

    text: str
    endpoint: _Connects


def destination(text: str) -> Destination:
    """
    Read ``vsock:CID:PORT``, ``tcp:HOST:PORT`` or ``unix:PATH``.

    :raises ArgumentTypeError: when it is none of them.
    """
    for read in (_tcp, _vsock, _unix):
        endpoint = read(text)
        if endpoint is not None:
            return Destination(text, endpoint)
    raise ArgumentTypeError(f"not vsock:CID:PORT, tcp:HOST:PORT or unix:PATH: {text!r}")


def _tcp(text: str) -> _Connects | None:
    found = _TCP.fullmatch(text)
    if found is None or int(found[3]) > _HIGHEST_PORT:
        return None
    host, port = found[1] or found[2], int(found[3])
    return lambda reactor, timeout: HostnameEndpoint(
        reactor, host.encode(), port, timeout=timeout
    )


def _vsock(text: str) -> _Connects | None:
    found = _VSOCK.fullmatch(text)
    if found is None or max(int(found[1]), int(found[2])) > _HIGHEST:
        return None
    address = int(found[1]), int(found[2])
    return lambda reactor, timeout: StreamEndpoint(
        reactor, socket.AF_VSOCK, address, timeout
    )


def _unix(text: str) -> _Connects | None:
    found = _UNIX.fullmatch(text)
    if found is None:
        return None
    return lambda reactor, _: SocketEndpoint(reactor, found[1])
