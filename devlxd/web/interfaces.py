"""The roles around HTTP."""

from __future__ import annotations

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


class IDoor(Interface):
    """Meets each connection once, when it is made."""

    def enter(transport: ITransport) -> object:
        """
        Who is at the other end: what `IAdmission` finds as the visitor of a request.

        :raises Refusal: when the connection is not taken; it is told so and closed.
        """

    def leave(visitor: object) -> None:
        """The connection of somebody who entered has ended."""


class IAdmission(Interface):
    """Decides, for every request, whether its caller may ask."""

    def identify(request: IRequest) -> None:
        """
        :raises Refusal: when it cannot be told who the caller is.
        """

    def admit(request: IRequest) -> object:
        """
        What routes are given as their first argument.

        :raises Refusal: when the caller may not ask.
        """
