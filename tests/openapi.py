"""The OpenAPI documents of the two APIs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import yaml
from attrs import frozen
from jsonschema import Draft202012Validator

from devlxd.web.routes import Route
from tests.need import need_checkout

_METHODS = frozenset({"get", "put", "post", "patch", "delete", "options", "trace"})
# Of a route, and of a path in OpenAPI.
_SEGMENT = re.compile(r"<\w+:\w+>|\{\w+\}")


@frozen
class Document:
    """
    A document.

    :ivar content: as it was read.
    """

    content: Mapping[str, Any]

    def routes(self) -> set[tuple[str, str]]:
        """The method and the path of each operation, as `routes_of` has them."""
        return {
            (method.upper(), _nameless(path))
            for path, item in self.content["paths"].items()
            for method in self._resolved(item)
            if method in _METHODS
        }

    def examples(self) -> Iterator[tuple[str, object, Any]]:
        """Where each example is, its schema, and itself."""
        for place, node in _maps(self.content, "#"):
            if "schema" in node and "example" in node:
                yield place, node["schema"], node["example"]
            if "schema" in node and "examples" in node:
                for name, example in node["examples"].items():
                    yield f"{place}/{name}", node["schema"], example["value"]

    def faults(self, schema: object, value: object) -> list[str]:
        """What is wrong with a value by a schema of this document."""
        whole = {"allOf": [schema], "components": self.content["components"]}
        errors = Draft202012Validator(whole).iter_errors(value)
        return [f"{error.json_path}: {error.message}" for error in errors]

    def is_response(self, path: str, status: int, body: object) -> list[str]:
        """What is wrong with the body of a response to ``GET`` of a path."""
        responses = self.content["paths"][path]["get"]["responses"]
        response = self._resolved(responses[str(status)])
        (content,) = response["content"].values()
        return self.faults(content["schema"], body)

    def _resolved(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        """What a node refers to, or itself."""
        reference = node.get("$ref")
        if reference is None:
            return node
        found: Any = self.content
        for part in reference.removeprefix("#/").split("/"):
            name = part.replace("%7B", "{").replace("%7D", "}")
            found = found[name.replace("~1", "/").replace("~0", "~")]
        return dict(found)


def read(name: str) -> Document:
    """
    The document of a surface.

    :param name: ``guest`` or ``host``.
    """
    path = need_checkout() / "docs" / "openapi" / f"{name}.yaml"
    return Document(yaml.safe_load(path.read_text()))


def routes_of(routes: Iterable[Route[Any]]) -> set[tuple[str, str]]:
    """The method and the path of each route, whatever its segments are called."""
    return {(route.method, _nameless(route.path)) for route in routes}


def _nameless(path: str) -> str:
    return _SEGMENT.sub("{}", path)


def _maps(node: object, place: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every map in a tree, and where it is."""
    if isinstance(node, Mapping):
        yield place, node
        for key, value in node.items():
            yield from _maps(value, f"{place}/{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _maps(value, f"{place}/{index}")
