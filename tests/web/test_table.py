"""The table finds what Klein and Werkzeug find, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.iweb import IRequest
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from devlxd.guest import about, config, devices, events, metadata
from devlxd.web import paths
from devlxd.web.replies import JSON, Handover, Raw
from devlxd.web.routes import Route, Routes
from devlxd.web.table import NO_ROUTES, Table

if TYPE_CHECKING:
    from devlxd.web.replies import Answer as Hidden

PATHS = (
    "/",
    "/a",
    "/a/",
    "/a/b",
    "/a/<segment:x>",
    "/a/b/<segment:x>",
    "/a/b/c",
    "/b/<segment:y>/<segment:x>",
    "/b/c/<segment:x>",
    "/c/<segment:x>",
    "/c/<int:x>",
    "/d/<segment:x>",
    "/<segment:x>/c/d",
    "/e/<segment:x>/d",
    "/f/<segment:x>-y",
)
SEGMENTS = (
    "a",
    "b",
    "c",
    "d",
    "e",
    "f",
    "",
    ".",
    "..",
    "%41",
    "%2F",
    "7",
    "x-y",
    "~:@",
)


def read(caller: object, request: IRequest, **segments: str) -> Raw:
    """A handler that answers at once."""
    return Raw(b"")


def routes(*made: tuple[str, str]) -> list[Route[object]]:
    """Routes to the same handler."""
    handler: Any = read
    return [Route(method, path, handler) for method, path in made]


def of_routes(made: list[Route[object]]) -> Table[object]:
    """A table that is not asked for answers."""
    return Table(lambda *_: None, made)


def searched(made: list[Route[object]], path: str) -> tuple[str, dict[str, str]] | None:
    """The path of the route that Werkzeug finds for ``GET``, and the segments."""
    if paths.clean(paths.normal(path.encode())) != path.encode():
        return None
    rules = Map(
        [Rule(each.path, methods=[each.method], endpoint=each.path) for each in made],
        converters={"segment": paths.SegmentConverter},
    )
    try:
        endpoint, segments = rules.bind("x").match(path, method="GET")
    except HTTPException:
        return None
    return str(endpoint), dict(segments)


class SearchTests(SynchronousTestCase):
    """What is found."""

    @given(
        st.lists(
            st.tuples(st.sampled_from(("GET", "GET", "PUT")), st.sampled_from(PATHS)),
            max_size=8,
        ),
        st.lists(st.sampled_from(SEGMENTS), min_size=1, max_size=4),
    )
    def test_same(self, made: list[tuple[str, str]], segments: list[str]) -> None:
        """What is found by the table is what is found by a search."""
        path = "/" + "/".join(segments)
        found = of_routes(routes(*made)).find(path.encode())
        if found is not None:
            route, values = found
            expected = searched(routes(*made), path)
            self.assertEqual((route.path, dict(values)), expected)
            self.assertEqual(route.method, "GET")

    def test_plain(self) -> None:
        """Plain paths of all reading routes of guests are found."""
        made = [
            route
            for resource in (about, config, devices, events, metadata)
            for route in resource.routes
        ]
        untyped: Any = made
        table = of_routes(untyped)
        for path in ("/", "/1.0", "/1.0/config", "/1.0/config/user.a", "/1.0/events"):
            found = table.find(path.encode())
            assert found is not None, path
            self.assertEqual((found[0].path, found[1]), searched(untyped, path))
        for path in ("/1.0/config/", "/1.0/config/..", "/1.0/config/%41", "/2.0", "/1"):
            self.assertIsNone(table.find(path.encode()), path)

    def test_nothing(self) -> None:
        """Nothing is found where there is nothing, and nothing is answered."""
        self.assertIsNone(NO_ROUTES.find(b"/"))
        self.assertIsNone(of_routes([]).find(b"/"))


class HandlerTests(SynchronousTestCase):
    """Which handlers are in it."""

    def test_given(self) -> None:
        """A handler has to say that it gives plain replies and nothing else."""
        made: Routes[object] = Routes()
        # Types would not allow some of these.
        get: Callable[[str], Callable[[Any], Any]] = made.get

        @get("/raw")
        def raw(caller: object, request: IRequest) -> Raw:
            return Raw(b"")

        @get("/any")
        def either(caller: object, request: IRequest) -> JSON | Raw | Handover:
            return Raw(b"")

        @get("/more")
        def more(caller: object, request: IRequest) -> Raw | int:
            return 1

        @get("/hidden")
        def hidden(caller: object, request: IRequest) -> Hidden:
            raise NotImplementedError

        @get("/unsaid")
        def unsaid(caller, request):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            return Raw(b"")

        @get("/later")
        async def later(caller: object, request: IRequest) -> Raw:
            return Raw(b"")

        table = of_routes(list(made))
        found = [route.path for route in made if table.find(route.path.encode())]
        self.assertEqual(found, ["/raw", "/any"])
