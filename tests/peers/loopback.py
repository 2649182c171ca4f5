"""A UNIX socket on a port of the loopback, for programs that speak HTTP over TCP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from twisted.internet import reactor
from twisted.internet.defer import maybeDeferred
from twisted.protocols.portforward import ProxyFactory, ProxyServer
from twisted.trial.unittest import TestCase

_reactor: Any = reactor


class _ToSocket(ProxyServer):
    """A connection of such a program, and one to the socket."""

    def connectionMade(self) -> None:
        """Connect to the socket, and take nothing until that has come to be."""
        self.transport.pauseProducing()
        client = self.clientProtocolFactory()
        client.setServer(self)
        _reactor.connectUNIX(self.factory.host, client)


class _Factory(ProxyFactory):
    """Its ``host`` is the path of the socket; there is no port."""

    protocol = _ToSocket
    noisy = False


def on_loopback(test: TestCase, path: Path) -> str:
    """
    Have a socket answer on a port until the end of a test.

    :return: the URL of the port.
    """
    port = _reactor.listenTCP(0, _Factory(str(path), 0), interface="127.0.0.1")
    test.addCleanup(maybeDeferred, port.stopListening)
    return f"http://127.0.0.1:{port.getHost().port}"
