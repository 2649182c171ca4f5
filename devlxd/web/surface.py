"""
The one place for what every request needs: clean the path, admit the caller, map
refusals, log faults, and write the answer.

In LXD's order: the router's own answers (301, 404) go to everybody; then the caller is
identified; then the method is looked at; only then the caller's rights.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from klein import Klein
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.iweb import IRequest
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from devlxd.errors import NoSuchPath, NotImplementedHere, Refusal
from devlxd.web import early, paths
from devlxd.web.completion import completed
from devlxd.web.interfaces import IAdmission, IDialect, IRouting
from devlxd.web.replies import Answer, Finished, Handover, Reply
from devlxd.web.request import begun
from devlxd.web.routes import Route, Routes
from devlxd.web.routing import EachItsOwn
from devlxd.web.table import Table

C = TypeVar("C")

_EACH_ITS_OWN = EachItsOwn()


class Surface(Generic[C]):
    """
    A Klein application whose routes are functions from a caller to a reply.

    :param dialect: the form of its answers.
    :param admission: who may ask.
    :param routing: which paths and methods its routes answer.
    """

    _log = Logger()

    def __init__(
        self,
        dialect: IDialect,
        admission: IAdmission,
        routing: IRouting = _EACH_ITS_OWN,
    ) -> None:
        self._dialect = dialect
        self._admission = admission
        self._routing = routing
        self._routes: list[Route[C]] = []
        self._app = Klein()
        self._app.url_map.converters["segment"] = paths.SegmentConverter
        self._app.handle_errors(Exception)(self._fail)

    def add(self, routes: Routes[C]) -> None:
        """Answer these routes, too."""
        for route in routes:
            self._add(route)
            self._routes.append(route)

    def resource(self) -> Resource:
        """The whole surface, for a `twisted.web.server.Site`."""
        table = Table(self._at_once, self._routes)
        return _Cleaned(self._app, self._routing.read, table)

    def _add(self, route: Route[C]) -> None:
        def answer(request: IRequest, **segments: str) -> bytes | Deferred[bytes]:
            if not self._routing.is_answered(request.method):
                raise self._refused_method(request)
            caller: Any = self._admission.admit(request, route.path)
            reply = route.handler(caller, request, **segments)
            if isinstance(reply, Reply | Finished):
                return self._succeed(request, reply)
            if isinstance(reply, Handover):
                self._hand_over(request, reply)
                # Nothing more is answered; Klein cancels this when the peer is gone.
                return Deferred()
            return self._later(request, Deferred.fromCoroutine(reply))

        methods = self._routing.answered(route.method, route.path)
        if methods is None or methods:
            endpoint = f"{route.method} {route.path}"
            self._app.route(route.path, methods=methods, endpoint=endpoint)(answer)

    def _at_once(
        self, route: Route[C], request: IRequest, segments: Mapping[str, str]
    ) -> Answer | None:
        """Answer by a route that gives plain replies."""
        try:
            caller: Any = self._admission.admit(request, route.path)
            reply: Any = route.handler(caller, request, **segments)
            if not isinstance(reply, Handover):
                return self._dialect.success(reply)
            self._hand_over(request, reply)
        except Exception:
            return self._dialect.failure(self._refusal(request, Failure()))
        return None

    def _hand_over(self, request: Any, reply: Handover) -> None:
        """Give the connection away."""
        if request.method == b"HEAD" and not self._routing.opens_by_head():
            raise NotImplementedHere
        request.channel.hand_over(reply.protocol)

    def _later(
        self, request: IRequest, reply: Deferred[Reply | Finished]
    ) -> Deferred[bytes]:
        """
        An answer that is still worked on.

        Klein cancels it when the caller goes away; the work goes on to its end.
        """
        answered: Deferred[bytes] = Deferred()
        answer: Deferred[bytes] = reply.addCallback(
            lambda reply: self._succeed(request, reply)
        )
        answer.addErrback(lambda failure: self._fail(request, failure))
        answer.addCallback(answered.callback)
        return answered

    def _succeed(
        self, request: IRequest, reply: Reply | Finished
    ) -> bytes | Deferred[bytes]:
        if isinstance(reply, Reply):
            reply = self._dialect.success(reply)
        return completed(request, reply)

    def _fail(self, request: IRequest, failure: Failure) -> bytes:
        """Answer a failure of whatever kind."""
        return begun(request, self._dialect.failure(self._refusal(request, failure)))

    def _refusal(self, request: IRequest, failure: Failure) -> Refusal:
        error = failure.value
        if isinstance(error, Refusal):
            return error
        if isinstance(error, MethodNotAllowed):
            return self._refused_method(request)
        if isinstance(error, HTTPException):
            return NoSuchPath()
        self._log.failure("A request could not be answered", failure)
        return Refusal()

    def _refused_method(self, request: IRequest) -> Refusal:
        try:
            self._admission.identify(request)
        except Exception:
            return self._refusal(request, Failure())
        return self._routing.refusal(request.method)


class _Cleaned(Resource):
    """Gives Klein the path in its normal form, or sends the caller to the clean one."""

    isLeaf = True

    def __init__(
        self, app: Klein, read: Callable[[bytes], bytes], table: Table[Any]
    ) -> None:
        super().__init__()
        self._read = read
        self._routed = app.resource()
        self.table = table

    def render(self, request: Any) -> Any:
        """Answer a request of any method."""
        try:
            path = self._read(paths.without_authority(request.path))
        except paths.BadPath:
            request.channel.refuse_head(early.BAD_HEAD)
            return NOT_DONE_YET
        cleaned = paths.clean(path)
        if cleaned != path:
            _, mark, query = request.uri.partition(b"?")
            location = cleaned + mark + query
            body = begun(request, Answer(301, ((b"Location", location),), b""))
            if request.method == b"HEAD":
                # Go knows no length of a body that it was never given.
                request.responseHeaders.removeHeader(b"Content-Length")
            return body
        request.prepath, request.postpath = [], [path[1:]]
        return self._routed.render(request)
