"""
Routes that are found by a look into a table.

It stands in for the search of Klein and Werkzeug, which costs more than all the rest of
a request, where a path is written plainly and has at most its last segment to be told
from others.  Everything else, also every path that leads nowhere, is left to them, and
they are what a test compares this with.

What is in it depends on nothing that was asked before: the time that an answer takes
would tell a guest what others ask for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from inspect import iscoroutinefunction
from typing import Any, Generic, TypeAlias, TypeVar, get_args, get_type_hints

from attrs import define, field
from twisted.web.iweb import IRequest

from devlxd.web.replies import JSON, Answer, Handover, Raw
from devlxd.web.routes import Route

C = TypeVar("C")

AtOnce: TypeAlias = Callable[[Route[C], IRequest, Mapping[str, str]], Answer | None]
"""Answers a request by a route; ``None`` when its connection has left HTTP."""

_VARIABLE = re.compile(r"<segment:(\w+)>")
# What stands for itself, in a path and in a name; not ``.`` and ``..``.
_PLAIN = re.compile(rb"(?!\.\.?$)[A-Za-z0-9._~!$&'()*+,;=:@-]+")
_FIXED: Mapping[str, str] = {}


@define(eq=False)
class Table(Generic[C]):
    """
    The routes of a surface that can be found here.

    :ivar answer: how one of them answers.
    """

    answer: AtOnce[C]
    _routes: Sequence[Route[C]]
    _fixed: dict[bytes, Route[C] | None] = field(factory=dict, init=False)
    _last: dict[bytes, tuple[str, Route[C]]] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        for route in self._routes:
            if "<" not in route.path:
                self._fixed.setdefault(route.path.encode(), None)
        for route in reversed(self._routes):
            if route.method == "GET" and _is_at_once(route):
                self._add(route)

    def find(self, path: bytes) -> tuple[Route[C], Mapping[str, str]] | None:
        """The route of ``GET`` and ``HEAD`` of a path, and its segments by name."""
        if path in self._fixed:
            route = self._fixed[path]
            return None if route is None else (route, _FIXED)
        parent, _, segment = path.rpartition(b"/")
        found = self._last.get(parent)
        if found is None or _PLAIN.fullmatch(segment) is None:
            return None
        name, route = found
        return route, {name: segment.decode()}

    def _add(self, route: Route[C]) -> None:
        parent, _, last = route.path.rpartition("/")
        variable = _VARIABLE.fullmatch(last)
        if "<" not in route.path:
            self._fixed[route.path.encode()] = route
        elif "<" not in parent and variable and not self._is_ambiguous(route.path):
            self._last[parent.encode()] = (variable[1], route)

    def _is_ambiguous(self, path: str) -> bool:
        """Whether a path could be one of these and of another route's, too."""
        others = {route.path for route in self._routes if "<" in route.path} - {path}
        return any(_meet(path, other) for other in others)


def _is_at_once(route: Route[Any]) -> bool:
    """Whether a handler says that it gives nothing but plain replies, at once."""
    if iscoroutinefunction(route.handler):
        return False
    try:
        given = get_type_hints(route.handler)["return"]
    except (KeyError, NameError):
        return False
    return {*(get_args(given) or (given,))} <= {JSON, Raw, Handover}


def _meet(one: str, other: str) -> bool:
    """Whether a path can have both forms."""
    these, those = one.split("/"), other.split("/")
    return len(these) == len(those) and all(
        a == b or "<" in a or "<" in b for a, b in zip(these, those, strict=True)
    )


NO_ROUTES: Table[Any] = Table(lambda *_: None, ())
"""Nothing is found here."""
