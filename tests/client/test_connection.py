"""Tests of devlxd.client.connection, on real sockets."""

from __future__ import annotations

import os
import resource
import socket
from typing import Any, cast

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.trial.unittest import TestCase
from twisted.web.client import Agent
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgent, IAgentEndpointFactory
from zope.interface.verify import verifyObject

from devlxd.client.connection import (
    PATH_LIMIT,
    PlainAgent,
    SocketEndpoint,
    SocketEndpoints,
)
from devlxd.client.failures import (
    BadAnswer,
    ConnectionRefused,
    NoService,
    NoSocket,
    NotASocket,
    NotPermitted,
    PathTooLong,
    TimedOut,
)
from devlxd.client.guest import GuestClient
from devlxd.errors import NotFound
from tests.client.service import GuestService, site
from tests.client.sockets import (
    SocketTestCase,
    be_nobody,
    client_of,
    directory,
    later,
    listening,
)
from tests.client.wire import saying


class AnswerTests(SocketTestCase):
    """All is well."""

    async def test_all(self) -> None:
        """Every question is answered through a socket."""
        service = GuestService(config={b"user.a": b"\xff\n"})
        client = client_of(listening(self, site(service)))
        await client.ready()
        self.assertEqual((await client.info()).state, "Ready")
        self.assertEqual(await client.versions(), ["1.0"])
        self.assertEqual(await client.all_config(), {"user.a": "\udcff\n"})
        self.assertEqual(await client.devices(), {})
        self.assertIn("local-hostname", await client.metadata())

    async def test_refused(self) -> None:
        """A refusal comes through a socket."""
        client = client_of(listening(self, site(GuestService())))
        with self.assertRaises(NotFound):
            await client.config("user.a")

    async def test_many(self) -> None:
        """Many may ask at once."""
        client = client_of(listening(self, site(GuestService())))
        asked = [Deferred.fromCoroutine(client.info()) for _ in range(100)]
        for info in asked:
            self.assertEqual((await info).location, "host1")

    async def test_no_length(self) -> None:
        """An answer may end where the connection does, as in HTTP/1.0."""
        path = listening(self, saying(b"HTTP/1.0 200 OK\r\n\r\ninstance-id: 1\n"))
        self.assertEqual(await client_of(path).metadata(), "instance-id: 1\n")

    async def test_bounded(self) -> None:
        """An answer may be as long as its bound says, and not a byte longer."""
        path = listening(self, site(GuestService(metadata=b"x" * 100)))
        for limit, fits in ((100, True), (99, False)):
            client = GuestClient.connect(cast(Any, reactor), path, limit=limit)
            if fits:
                self.assertEqual(len(await client.metadata()), 100)
            else:
                self.assertIn(
                    "GET /1.0/meta-data was answered with more than 99 bytes",
                    await self.complaint(client.metadata(), BadAnswer),
                )


class ConnectTests(SocketTestCase):
    """Nobody can be asked."""

    async def test_no_socket(self) -> None:
        """Where there is no socket, it is asked whether this is an instance."""
        path = f"{directory(self)}/sock"
        self.assertEqual(
            await self.complaint(client_of(path).info(), NoSocket),
            f"{path}: no such socket; "
            "is this an instance, and does its host share the socket?",
        )

    async def test_no_directory(self) -> None:
        """Below a file there is no socket either."""
        path = f"{__file__}/sock"
        await self.complaint(client_of(path).info(), NoSocket)

    async def test_not_a_socket(self) -> None:
        """A file or a directory is no socket."""
        for path in (__file__, directory(self)):
            self.assertEqual(
                await self.complaint(client_of(path).info(), NotASocket),
                f"{path}: not a stream socket; give the path of the service's socket",
            )

    async def test_datagrams(self) -> None:
        """A socket for datagrams is not one that a service could listen on."""
        path = f"{directory(self)}/sock"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
            other.bind(path)
            await self.complaint(client_of(path).info(), NotASocket)

    async def test_nobody_listens(self) -> None:
        """A socket that a service has left behind refuses."""
        path = f"{directory(self)}/sock"
        with socket.socket(socket.AF_UNIX) as left:
            left.bind(path)
        self.assertEqual(
            await self.complaint(client_of(path).info(), ConnectionRefused),
            f"{path}: nobody listens; is the service on the host running?",
        )

    async def test_not_permitted(self) -> None:
        """Who may not write to the socket is told to be root."""
        path = listening(self, site(GuestService()))
        os.chmod(path, 0)  # noqa: PTH101
        be_nobody(self)
        self.assertEqual(
            await self.complaint(client_of(path).info(), NotPermitted),
            f"{path}: permission denied; ask as the root of the instance",
        )

    async def test_closed_directory(self) -> None:
        """Who may not even see the socket is told the same."""
        path = listening(self, site(GuestService()))
        os.chmod(os.path.dirname(path), 0)  # noqa: PTH101, PTH120
        self.addCleanup(os.chmod, os.path.dirname(path), 0o700)  # noqa: PTH120
        be_nobody(self)
        await self.complaint(client_of(path).info(), NotPermitted)

    async def test_unwritable_file(self) -> None:
        """A file is no socket, whoever may write to it."""
        path = f"{directory(self)}/file"
        os.close(os.open(path, os.O_CREAT, 0o444))
        be_nobody(self)
        await self.complaint(client_of(path).info(), NotASocket)

    async def test_long_path(self) -> None:
        """A path that no socket can have is told at once."""
        path = "/" + "x" * PATH_LIMIT
        self.assertEqual(
            await self.complaint(client_of(path).info(), PathTooLong),
            f"{path}: cannot connect: the path has more than 107 bytes",
        )

    async def test_longest_path(self) -> None:
        """A path as long as a socket's may be is no problem."""
        start = directory(self)
        path = start + "/" + "x" * (PATH_LIMIT - len(start) - 1)
        port = cast(Any, reactor).listenUNIX(path, site(GuestService()))
        self.addCleanup(port.stopListening)
        await client_of(path).info()

    async def test_no_descriptors(self) -> None:
        """Where this process may open no more files, that is the reason."""
        path = listening(self, site(GuestService()))
        limits = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, limits)
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, limits[1]))
        self.assertEqual(
            await self.complaint(client_of(path).info(), NoService),
            f"{path}: cannot connect: Too many open files",
        )

    async def test_other_reasons(self) -> None:
        """For any other reason the system's own words stand."""
        path = f"{directory(self)}/loop"
        os.symlink("loop", path)  # noqa: PTH211
        self.assertIn(
            "Too many levels of symbolic links",
            await self.complaint(client_of(path).info(), NoService),
        )


class QueueTests(SocketTestCase):
    """So many ask that the kernel's queue is full."""

    def setUp(self) -> None:
        """A socket whose queue is full, because nobody accepts."""
        self.path = f"{directory(self)}/sock"
        self.listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(self.listener.close)
        self.listener.bind(self.path)
        self.listener.listen(1)
        self.callers: list[socket.socket] = []
        while self.queue_up():
            pass

    def queue_up(self) -> bool:
        """Whether one more had a place in the queue."""
        caller = socket.socket(socket.AF_UNIX)
        self.addCleanup(caller.close)
        caller.setblocking(False)
        try:
            caller.connect(self.path)
        except BlockingIOError:
            return False
        self.callers.append(caller)
        return True

    async def test_patience(self) -> None:
        """A client waits until it has a place in the queue."""
        info = Deferred.fromCoroutine(client_of(self.path).info())
        await later(0.1)
        self.assertFalse(info.called)
        for caller in self.callers:
            caller.close()
        self.listener.setblocking(False)
        port = cast(Any, reactor).adoptStreamPort(
            self.listener.fileno(), socket.AF_UNIX, site(GuestService())
        )
        self.addCleanup(port.stopListening)
        self.assertEqual((await info).location, "host1")

    async def test_no_place(self) -> None:
        """A client that gets no place in time says so."""
        await self.complaint(client_of(self.path, 0.2).info(), TimedOut)


class RoleTests(TestCase):
    """The parts play the roles that Twisted has for them."""

    def test_roles(self) -> None:
        """The endpoint, its factory and the agent keep to their interfaces."""
        endpoint = SocketEndpoint(cast(Any, reactor), "/nowhere")
        verifyObject(IStreamClientEndpoint, endpoint)
        verifyObject(IAgentEndpointFactory, SocketEndpoints(endpoint))
        verifyObject(IAgent, PlainAgent(Agent(reactor), "/nowhere"))

    async def test_no_compression(self) -> None:
        """No service is asked for a compressed answer, whatever headers there are."""
        path = listening(self, site(GuestService()))
        endpoints = SocketEndpoints(SocketEndpoint(cast(Any, reactor), path))
        agent = PlainAgent(Agent.usingEndpointFactory(reactor, endpoints), path)
        mine = Headers({"Accept-Encoding": ["gzip"]})
        for headers in (None, mine):
            response = await agent.request(b"GET", b"http://lxd/1.0", headers)
            self.assertEqual(response.code, 200)
            sent = response.request.headers
            self.assertFalse(sent.hasHeader(b"Accept-Encoding"))
        self.assertTrue(mine.hasHeader(b"Accept-Encoding"))
