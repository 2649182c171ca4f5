"""A small site to try HTTP on."""

from __future__ import annotations

from typing import Any

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IHalfCloseableProtocol, ITransport
from twisted.internet.protocol import Protocol, connectionDone
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.web.iweb import IRequest
from zope.interface import implementer

from devlxd.errors import Refusal
from devlxd.web.bounds import Bounds
from devlxd.web.dialects import Plain
from devlxd.web.interfaces import IAdmission, IDoor, IIntake
from devlxd.web.replies import JSON, Handover, Raw
from devlxd.web.routes import Routes
from devlxd.web.site import Site
from devlxd.web.surface import Surface
from devlxd.web.table import NO_ROUTES
from tests.web.wire import Wire

SLOW = Raw(b"slow")
PRIVATE = "/usr/lib/private.py"
DATE = "Thu, 01 Jan 1970 00:00:00 GMT"


@implementer(IHalfCloseableProtocol)
class Other(Protocol):
    """A protocol that is not HTTP, and remembers what happens to it."""

    transport: Any

    def __init__(self) -> None:
        self.received = b""
        self.events: list[str] = []

    def connectionMade(self) -> None:
        """The connection is ours."""
        self.transport.write(b"welcome\n")

    def dataReceived(self, data: bytes) -> None:
        """The peer has sent something."""
        self.events.append("data")
        self.received += data

    def readConnectionLost(self) -> None:
        """The peer sends no more."""
        self.events.append("no more")

    def writeConnectionLost(self) -> None:
        """We send no more."""

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The connection has ended."""
        self.events.append(type(reason.value).__name__)


@implementer(IDoor)
@define(eq=False)
class Door:
    """
    Lets everybody in who is not to be kept out.

    :ivar raises: what it does instead.
    """

    raises: Exception | None = None
    inside: list[object] = field(factory=list)

    def enter(self, transport: ITransport) -> object:
        """Number the visitor."""
        if self.raises is not None:
            raise self.raises
        visitor = object()
        self.inside.append(visitor)
        return visitor

    def leave(self, visitor: object) -> None:
        """Let it go."""
        self.inside.remove(visitor)


@implementer(IAdmission)
@define(eq=False)
class Admission:
    """
    Knows and admits everybody.

    :ivar unknown: what it raises instead of knowing the caller.
    :ivar forbidden: what it raises instead of admitting a caller that it knows.
    """

    unknown: Exception | None = None
    forbidden: Exception | None = None

    def identify(self, request: IRequest) -> None:
        """Know the caller."""
        if self.unknown is not None:
            raise self.unknown

    def admit(self, request: IRequest, path: str) -> object:
        """Know and admit the caller."""
        self.identify(request)
        if self.forbidden is not None:
            raise self.forbidden
        return "caller"


STATELESS: Routes[object] = Routes()
"""Those that leave nothing behind."""


@STATELESS.get("/empty")
def empty(caller: object, request: IRequest) -> Raw:
    """Nothing."""
    return Raw(b"")


@STATELESS.get("/key/<segment:key>")
def key(caller: object, request: IRequest, key: str) -> Raw:
    """A segment of the path, as it was decoded."""
    return Raw(ascii(key).encode())


@STATELESS.get("/args")
def args(caller: object, request: Any) -> Raw:
    """The query."""
    return Raw(repr(sorted(request.args.items())).encode())


@STATELESS.get("/broken")
def broken(caller: object, request: IRequest) -> Raw:
    """A fault that tells of the host."""
    raise ValueError(PRIVATE)


@STATELESS.get("/refused")
def refused(caller: object, request: IRequest) -> Raw:
    """A refusal that cannot be sent as it is."""
    raise Refusal("Half a pair: \ud800")


@STATELESS.get("/unprintable")
def unprintable(caller: object, request: IRequest) -> JSON:
    """What is no JSON."""
    return JSON({1, 2})


@STATELESS.post("/forgotten")
async def forgotten(caller: object, request: IRequest) -> Raw:
    """An answer that takes no body."""
    return Raw(b"forgotten")


@define(eq=False)
class World:
    """
    A site, its clock, and who connects to it.

    :ivar begun: the paths of the requests that reached a route.
    :ivar slow: what the answers to ``/slow`` wait for, oldest first.
    :ivar others: what was given the connections of ``/other``.
    :ivar more: routes beside its own.
    :ivar looks: what ``/look`` has seen of its requests.
    :ivar shortcuts: whether there is a table of routes.
    """

    bounds: Bounds = field(factory=Bounds)
    clock: Any = field(factory=Clock)
    door: Door = field(factory=Door)
    admission: Admission = field(factory=Admission)
    begun: list[str] = field(factory=list)
    slow: list[Deferred[Raw]] = field(factory=list)
    others: list[Other] = field(factory=list)
    intake: IIntake | None = None
    looks: list[object] = field(factory=list)
    shortcuts: bool = True
    wires: list[Wire] = field(factory=list)
    more: Routes[object] = field(factory=Routes)
    site: Site = field(init=False)

    def __attrs_post_init__(self) -> None:
        surface: Surface[object] = Surface(Plain(), self.admission)
        for routes in (STATELESS, self._at_once(), self._later()):
            surface.add(routes)
        surface.add(self.more)
        self.site = Site(
            surface.resource(),
            self.door,
            Plain(),
            self.bounds,
            self.clock,
            self.intake,
        )
        self.site.noisy = False
        if not self.shortcuts:
            self.site.table = NO_ROUTES
        if isinstance(self.clock, Clock):
            # Otherwise there is a port that does so.
            self.site.doStart()

    def connect(self, reads: bool = True, way: Any = None) -> Wire:
        """
        A new connection.

        :param way: what makes its channel, if that is not the site itself.
        """
        wire = Wire(self.clock, reads=reads)
        wire.protocol = (way or self.site).buildProtocol(None)
        wire.protocol.makeConnection(wire)
        wire.go_on()
        self.wires.append(wire)
        return wire

    def answer(self, result: Raw | Exception = SLOW) -> None:
        """Answer to the oldest request for ``/slow``."""
        waiting = self.slow.pop(0)
        if isinstance(result, Exception):
            waiting.errback(result)
        else:
            waiting.callback(result)
        for wire in self.wires:
            wire.go_on()

    def _begin(self, request: IRequest) -> None:
        self.begun.append(request.path.decode())

    def _at_once(self) -> Routes[object]:
        """Those that write down what they are asked."""
        routes: Routes[object] = Routes()

        @routes.get("/")
        def root(caller: object, request: IRequest) -> JSON:
            self._begin(request)
            return JSON([str(caller)])

        @routes.get("/size/<segment:size>")
        def size(caller: object, request: IRequest, size: str) -> Raw:
            self._begin(request)
            return Raw(b"x" * int(size))

        @routes.get("/busy")
        def busy(caller: object, request: IRequest) -> Raw:
            self._begin(request)
            self.clock.rightNow += 1  # and nobody else's turn comes meanwhile
            return Raw(b"")

        @routes.get("/look")
        def look(caller: object, request: Any) -> Raw:
            self.looks.append(
                {
                    "line": (request.method, request.uri, request.clientproto),
                    "path": (request.path, request.args),
                    "headers": list(request.requestHeaders.getAllRawHeaders()),
                    "header": request.getHeader("X-A"),
                    "body": request.content.read(),
                    "client": request.getClientAddress(),
                    "more": hasattr(request, "nonsense"),
                }
            )
            return Raw(b"")

        return routes

    def _later(self) -> Routes[object]:
        """Those that take their time, or a body, or the connection."""
        routes: Routes[object] = Routes()

        @routes.get("/other")
        def other(caller: object, request: IRequest) -> Handover:
            self.others.append(Other())
            return Handover(self.others[-1])

        @routes.get("/slow")
        async def slow(caller: object, request: IRequest) -> Raw:
            self._begin(request)
            self.slow.append(Deferred())
            return await self.slow[-1]

        @routes.patch("/")
        async def change(caller: object, request: IRequest) -> Raw:
            self._begin(request)
            return Raw(b"=" + request.content.read())

        @routes.post("/sink")
        async def sink(caller: object, request: Any) -> Raw:
            self._begin(request)
            taken = request.take_sink()
            return Raw(b"" if taken is None else taken.taken)

        return routes
