"""Tests of devlxd.client.destination."""

from __future__ import annotations

import socket
from argparse import ArgumentTypeError
from typing import Any

from twisted.internet.endpoints import HostnameEndpoint
from twisted.internet.task import Clock
from twisted.internet.testing import MemoryReactorClock
from twisted.trial.unittest import SynchronousTestCase

from devlxd.client.connection import SocketEndpoint
from devlxd.client.destination import destination
from devlxd.client.streams import StreamEndpoint


class DestinationTests(SynchronousTestCase):
    """Where to connect to."""

    def test_vsock(self) -> None:
        """A machine by its context id, and a port of it."""
        clock = Clock()
        self.assertEqual(
            destination("vsock:2:4294967295").endpoint(clock, 7),
            StreamEndpoint(clock, socket.AF_VSOCK, (2, 4294967295), 7),
        )

    def test_unix(self) -> None:
        """A UNIX socket by its path, whatever is in it."""
        clock: Any = Clock()
        for path in ("/dev/lxd/sock", "a:b\nc"):
            self.assertEqual(
                destination(f"unix:{path}").endpoint(clock, 7),
                SocketEndpoint(clock, path),
            )

    def test_tcp(self) -> None:
        """A host by its name or address, and a port of it."""
        for text, host in (
            ("tcp:10.0.2.100:80", "10.0.2.100"),
            ("tcp:[fe80::2]:80", "[fe80::2]"),
        ):
            endpoint = destination(text).endpoint(MemoryReactorClock(), 7)
            self.assertIsInstance(endpoint, HostnameEndpoint)
            self.assertEqual(repr(endpoint), f"<HostnameEndpoint {host}:80>")

    def test_text(self) -> None:
        """It is called as it was written."""
        self.assertEqual(destination("unix:x").text, "unix:x")

    def test_wrong(self) -> None:
        """Everything else is refused."""
        for text in (
            *("", "x", "/x", "unix:", "vsock:2", "vsock:x:1", "vsock:-1:1"),
            *("vsock:2:4294967296", "vsock:4294967296:2", "tcp:80", "tcp:x:65536"),
            *("tcp::80", "tcp:fe80::2:80", "serial:/dev/x", "tcp:x:80 "),
        ):
            with self.assertRaises(ArgumentTypeError) as caught:
                destination(text)
            self.assertEqual(
                str(caught.exception),
                f"not vsock:CID:PORT, tcp:HOST:PORT or unix:PATH: {text!r}",
            )
