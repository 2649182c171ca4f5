"""
HTTP through a UNIX socket.

The URL's host has no meaning: all there is listens on the one socket.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from stat import S_ISSOCK
from typing import cast

from attrs import frozen
from treq.client import HTTPClient
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import UNIXClientEndpoint
from twisted.internet.error import ConnectError
from twisted.internet.interfaces import (
    IProtocol,
    IProtocolFactory,
    IReactorTime,
    IStreamClientEndpoint,
)
from twisted.internet.task import deferLater
from twisted.web.client import URI, Agent
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgent, IAgentEndpointFactory, IBodyProducer, IResponse
from zope.interface import implementer

from devlxd.client.body import Unwanted
from devlxd.client.failures import (
    BadAnswer,
    ConnectionRefused,
    NoService,
    NoSocket,
    NotASocket,
    NotPermitted,
    PathTooLong,
    ServiceFailure,
)

__all__ = ["PATH_LIMIT", "PlainAgent", "SocketEndpoint", "http_through"]

PATH_LIMIT = 107
"""How many bytes the path of a socket may have: ``sun_path`` of unix(7), less a NUL."""

PAUSE = 0.05
"""Seconds until a socket whose queue was full is tried again."""

FAILURES: dict[int | None, Callable[[str], ServiceFailure]] = {
    errno.EACCES: NotPermitted,
    errno.EPERM: NotPermitted,
    errno.ENOENT: NoSocket,
    errno.ENOTDIR: NoSocket,
    errno.EPROTOTYPE: NotASocket,
    errno.ECONNREFUSED: ConnectionRefused,
}


def failure(path: str, error: ConnectError) -> ServiceFailure:
    """What an error at connecting means to a person."""
    # The kernel has the same errors for a plain file.
    if error.osError in {errno.EACCES, errno.ECONNREFUSED} and other_kind(path):
        return NotASocket(path)
    kind = FAILURES.get(error.osError)
    return NoService(path, str(error)) if kind is None else kind(path)


def other_kind(path: str) -> bool:
    """Whether it is certain that something is there and is no socket."""
    try:
        return not S_ISSOCK(Path(path).stat().st_mode)
    except OSError:
        return False


@implementer(IStreamClientEndpoint)
@frozen
class SocketEndpoint:
    """
    Connects to a socket, and fails with a `ServiceFailure`.

    A service that is asked by many at once may have a full queue for a moment.  Then
    the kernel does not let a non-blocking caller wait, so that it is tried again until
    somebody cancels.  Nothing was sent yet, so this is safe for any request.
    """

    reactor: IReactorTime
    path: str

    def connect(self, factory: IProtocolFactory) -> Deferred[IProtocol]:
        """Connect; see `IStreamClientEndpoint.connect`."""
        return Deferred.fromCoroutine(self._connect(factory))

    async def _connect(self, factory: IProtocolFactory) -> IProtocol:
        # Twisted would raise it where nobody hears, and wait.
        if len(os.fsencode(self.path)) > PATH_LIMIT:
            raise PathTooLong(self.path, f"{PATH_LIMIT}")
        endpoint = UNIXClientEndpoint(self.reactor, self.path)
        while True:
            try:
                return cast(IProtocol, await endpoint.connect(factory))
            except ConnectError as error:
                # EAGAIN, the full queue, is the one error that gets lost on its way.
                if error.osError is not None:
                    raise failure(self.path, error) from error
            except OSError as error:
                # No socket could be made, such as for want of file descriptors.
                raise NoService(self.path, str(error.strerror)) from error
            await deferLater(self.reactor, PAUSE)


@implementer(IAgentEndpointFactory)
@frozen
class SocketEndpoints:
    """Gives the same endpoint for every URL."""

    endpoint: SocketEndpoint

    def endpointForURI(self, uri: URI) -> IStreamClientEndpoint:
        """The endpoint; see `IAgentEndpointFactory.endpointForURI`."""
        return self.endpoint


@implementer(IAgent)
@frozen
class PlainAgent:
    """
    Takes no compressed answer, which treq would offer to take.

    The service compresses nothing.  A body that treq decodes is out of all bounds, and
    one that it cannot decode looks like an empty one.
    """

    agent: Agent
    where: str

    def request(
        self,
        method: bytes,
        uri: bytes,
        headers: Headers | None = None,
        bodyProducer: IBodyProducer | None = None,
    ) -> Deferred[IResponse]:
        """Ask; see `IAgent.request`."""
        plain = Headers() if headers is None else headers.copy()
        plain.removeHeader(b"Accept-Encoding")
        answer = self.agent.request(method, uri, plain, bodyProducer)
        return answer.addCallback(self._checked)

    def _checked(self, response: IResponse) -> IResponse:
        if response.headers.hasHeader(b"Content-Encoding"):
            response.deliverBody(Unwanted())
            raise BadAnswer(self.where, "the answer is compressed")
        return response


def http_through(reactor: IReactorTime, path: str) -> HTTPClient:
    """A treq client whose requests go through one socket, each by its connection."""
    endpoints = SocketEndpoints(SocketEndpoint(reactor, path))
    agent = Agent.usingEndpointFactory(reactor, endpoints)
    return HTTPClient(PlainAgent(agent, path))
