"""The OpenAPI documents are right by themselves, and name the routes that there are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from openapi_spec_validator import OpenAPIV31SpecValidator
from twisted.trial.unittest import SynchronousTestCase

from devlxd.guest import api as guest
from devlxd.host import api as host
from devlxd.web.routes import Route
from tests.openapi import Document, read, routes_of

_ADVICE = """
{file} has no word of these routes, which the code has:
  {unsaid}
and says these, which it has not:
  {untrue}
Describe a new route there: parameters, body, each status with the form of its body, and
an example; `tests.peers.test_openapi` then holds it against the service."""


class _DocumentTests:
    """Tests of one document."""

    name: str
    routes: Iterable[Route[Any]]
    document: Document

    def setUp(self) -> None:
        """Read it."""
        self.document = read(self.name)

    def test_valid(self: Any) -> None:
        """It is OpenAPI 3.1."""
        self.assertTrue(self.document.content["openapi"].startswith("3.1."))
        errors = OpenAPIV31SpecValidator(self.document.content).iter_errors()
        self.assertEqual([error.message for error in errors], [])

    def test_routes(self: Any) -> None:
        """It has each method of each path that the code has, and no other."""
        said, there = self.document.routes(), routes_of(self.routes)
        advice = _ADVICE.format(
            file=f"docs/openapi/{self.name}.yaml",
            unsaid=sorted(there - said),
            untrue=sorted(said - there),
        )
        self.assertEqual(said, there, advice)

    def test_examples(self: Any) -> None:
        """Each example is as its schema has it."""
        examples = list(self.document.examples())
        self.assertGreaterEqual(len(examples), 10)
        faults = {
            place: faults
            for place, schema, value in examples
            if (faults := self.document.faults(schema, value))
        }
        self.assertEqual(faults, {})


class GuestDocumentTests(_DocumentTests, SynchronousTestCase):
    """The guest API's."""

    name = "guest"
    routes = guest.routes()


class HostDocumentTests(_DocumentTests, SynchronousTestCase):
    """The host API's."""

    name = "host"
    routes = host.routes()

    def test_plants(self) -> None:
        """A route that is not described, and one that is no more, are reported."""
        paths = dict(self.document.content["paths"])
        paths["/1.0/novelty"] = paths.pop("/1.0/networks")
        planted = Document({**self.document.content, "paths": paths})
        said, there = planted.routes(), routes_of(self.routes)
        self.assertEqual(there - said, {("GET", "/1.0/networks")})
        self.assertEqual(said - there, {("GET", "/1.0/novelty")})
