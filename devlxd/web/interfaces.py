"""The roles around HTTP."""

from __future__ import annotations

from collections.abc import Collection

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import ITransport
from twisted.web.iweb import IRequest
from zope.interface import Interface

from devlxd.errors import Refusal
from devlxd.web.replies import Answer, Reply


class IDialect(Interface):
    """The form that a surface gives to its answers."""

    def success(reply: Reply) -> Answer:
        """A reply in this form."""

    def failure(refusal: Refusal) -> Answer:
        """A refusal in this form."""


class IRouting(Interface):
    """Tells which routes answer which paths and methods."""

    def answered(method: str, path: str) -> Collection[str] | None:
        """
        Which methods a route answers: ``None`` for all of them, none for a route that
        is not to be.

        :param method: the one that it is for.
        :param path: the route's, in Werkzeug's notation.
        """

    def is_answered(method: bytes) -> bool:
        """Whether a method that found a route is one that is answered."""

    def read(path: bytes) -> bytes:
        """
        A path as routes are looked for.

        :raises devlxd.web.paths.BadPath: when it is none.
        """

    def opens_by_head() -> bool:
        """Whether ``HEAD`` hands the connection over where ``GET`` does."""

    def refusal(method: bytes) -> Refusal:
        """What a method is told that no route of the path answers."""


class IDoor(Interface):
    """Meets each connection once, when it is made."""

    def enter(transport: ITransport) -> object:
        """
        Who is at the other end: what `IAdmission` finds as the visitor of a request.

        :raises Refusal: when the connection is not taken; it is told so and closed.
        """

    def leave(visitor: object) -> None:
        """The connection of somebody who entered has ended."""


class ISink(Interface):
    """Takes the body of one request as it comes."""

    def write(data: bytes) -> Deferred[None] | None:
        """
        Take the next bytes.

        :return: ``None`` when more may come at once, else what fires, never with a
            failure, as soon as more may come.
        :raises Refusal: when the body is not taken after all; it is aborted then.
        """

    def abort() -> object:
        """
        The body does not come to its end, or no route has taken it.  Nothing is left of
        it, and nothing more happens here.
        """


class IIntake(Interface):
    """Finds those bodies that are not to be kept in memory."""

    def sink_for(request: IRequest) -> ISink | None:
        """
        Where the body of a request goes, of which there is nothing but the head.

        :return: ``None`` for an ordinary one, within the bound of the surface.
        :raises Refusal: when there is no use in sending it.
        """


class IAdmission(Interface):
    """Decides, for every request, whether its caller may ask."""

    def identify(request: IRequest) -> None:
        """
        :raises Refusal: when it cannot be told who the caller is.
        """

    def admit(request: IRequest, path: str) -> object:
        """
        What routes are given as their first argument.

        :param path: the route's, in Werkzeug's notation.
        :raises Refusal: when the caller may not ask.
        """
