"""
Which routes answer which paths and methods, and what the others are told.

Servers of the guest API differ in this: some tell methods apart at every path, others
run what answers ``GET`` whatever the method is called.
"""

from __future__ import annotations

from collections.abc import Collection

from attrs import frozen
from zope.interface import implementer

from devlxd.errors import NotFound, NotImplementedHere, Refusal, WrongMethod
from devlxd.web import gojson, paths
from devlxd.web.interfaces import IRouting

_KNOWN = frozenset({b"DELETE", b"GET", b"HEAD", b"PATCH", b"POST", b"PUT"})


@implementer(IRouting)
@frozen
class EachItsOwn:
    """
    A route answers its own method alone; one of ``GET`` answers ``HEAD``, too.  A path
    is what it is however its letters are encoded.
    """

    def answered(self, method: str, path: str) -> Collection[str]:
        """The method that the route is for."""
        return (method,)

    def is_answered(self, method: bytes) -> bool:
        """Werkzeug takes "get" for "GET"; here there is no such method."""
        return method in _KNOWN

    def read(self, path: bytes) -> bytes:
        """The path with no character encoded without need."""
        return paths.normal(path)

    def opens_by_head(self) -> bool:
        """``HEAD`` opens nothing: what it would open begins with its own head."""
        return False

    def refusal(self, method: bytes) -> Refusal:
        """501, or 404 for what is no method of HTTP's."""
        if method in _KNOWN:
            return NotImplementedHere()
        return NotFound(f"Method {gojson.quote(method.decode())} not found")


@implementer(IRouting)
@frozen
class AnyReads:
    """
    What answers ``GET`` answers every method, even one that nobody has heard of.  A
    path is looked for as it was sent.

    :ivar apart: paths at which methods are told apart all the same.
    """

    apart: Collection[str] = ()

    def answered(self, method: str, path: str) -> Collection[str] | None:
        """Every method, or none where another route answers it."""
        if path in self.apart:
            return (method,)
        return None if method == "GET" else ()

    def is_answered(self, method: bytes) -> bool:
        """Every one is."""
        return True

    def read(self, path: bytes) -> bytes:
        """The path, if it is one."""
        paths.normal(path)
        return path

    def opens_by_head(self) -> bool:
        """``HEAD`` is a method like any other."""
        return True

    def refusal(self, method: bytes) -> Refusal:
        """405, in the words of LXD 5.6 and Incus."""
        return WrongMethod(f"method {gojson.quote(method.decode())} not allowed")
