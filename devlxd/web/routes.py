"""Which path is answered by which function."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

from attrs import define, field, frozen
from twisted.internet.defer import Deferred
from twisted.web.iweb import IRequest

from devlxd.web.replies import Finished, Handover, Reply

Result: TypeAlias = (
    Reply | Finished | Handover | Coroutine[Deferred[Any], Any, Reply | Finished]
)
"""What a handler gives: a reply, by ``async def`` the promise of one, or the connection
to another protocol."""

C_contra = TypeVar("C_contra", contravariant=True)
C = TypeVar("C")


class Handler(Protocol[C_contra]):
    """
    Answers one kind of request: decodes, asks and returns a reply.

    It is given the caller, the request and the named segments of the path, decoded.
    """

    def __call__(
        self, caller: C_contra, request: IRequest, /, **segments: str
    ) -> Result: ...


AnyHandler: TypeAlias = Callable[..., Result]
H = TypeVar("H", bound=AnyHandler)


@frozen
class Route(Generic[C]):
    """
    One method of one path.

    :ivar path: in Werkzeug's notation; a variable segment is ``<segment:NAME>``.
    """

    method: str
    path: str
    handler: Handler[C]


@define
class Routes(Generic[C]):
    """The routes of one resource, in the order in which they were added."""

    _routes: list[Route[C]] = field(factory=list)

    def get(self, path: str) -> Callable[[H], H]:
        """Answer ``GET`` and ``HEAD`` of a path with the decorated function."""
        return self._adder("GET", path)

    def patch(self, path: str) -> Callable[[H], H]:
        """Answer ``PATCH`` of a path with the decorated function."""
        return self._adder("PATCH", path)

    def post(self, path: str) -> Callable[[H], H]:
        """Answer ``POST`` of a path with the decorated function."""
        return self._adder("POST", path)

    def put(self, path: str) -> Callable[[H], H]:
        """Answer ``PUT`` of a path with the decorated function."""
        return self._adder("PUT", path)

    def delete(self, path: str) -> Callable[[H], H]:
        """Answer ``DELETE`` of a path with the decorated function."""
        return self._adder("DELETE", path)

    def __iter__(self) -> Iterator[Route[C]]:
        return iter(self._routes)

    def _adder(self, method: str, path: str) -> Callable[[H], H]:
        def add(handler: H) -> H:
            untyped: Any = handler
            self._routes.append(Route(method, path, untyped))
            return handler

        return add
