"""Instances in the host API's form, as LXD says them, in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, ClassVar, cast
from urllib.parse import unquote

from attrs import define, field
from klein import Klein
from twisted.internet.defer import Deferred, succeed
from twisted.web.resource import Resource
from twisted.web.server import Site

BUSY = b"busy"
"""Instead of events: there are none for now."""


def instance(name: str, **fields: Any) -> dict[str, Any]:
    """The document of an instance."""
    return {
        "name": name,
        "description": "",
        "architecture": "x86_64",
        "config": {},
        "devices": {},
        "ephemeral": False,
        "profiles": ["default"],
        "stateful": False,
        "expanded_config": {"user.of": "profile", **fields.get("config", {})},
        "expanded_devices": {"root": {"type": "disk", "path": "/"}},
        "status": "Running",
        "type": "container",
        "project": "default",
        "of a newer version": [1],
        **fields,
    }


def refused(request: Any, status: int, text: str) -> bytes:
    """A refusal."""
    request.setResponseCode(status)
    return json.dumps({"type": "error", "error": text, "error_code": status}).encode()


def sync(metadata: object) -> bytes:
    """An answer."""
    return json.dumps({"type": "sync", "metadata": metadata}).encode()


@define(eq=False)
class InstanceService:
    """
    A host.

    :ivar instances: what there is.
    :ivar outcome: how its operations end: ``(status_code, err)``.
    :ivar inits: what was registered.
    :ivar statuses: what the status of each instance is, one by one as it is asked for.
    :ivar happenings: the chunks of events that each listener is told; the connection of
        those before the last is then closed.
    :ivar asked: what was asked.
    """

    app: ClassVar[Klein] = Klein()

    instances: dict[str, dict[str, Any]] = field(factory=dict)
    outcome: tuple[int, str] = (200, "")
    inits: dict[str, object] = field(factory=dict)
    statuses: Iterator[str] = field(factory=lambda: iter(()))
    happenings: list[bytes] = field(factory=list)
    asked: list[str] = field(factory=list)

    @app.route("/1.0/instances", methods=["GET"])
    def all(self, request: Any) -> bytes:
        """All of them."""
        self._note(request)
        return sync(list(self.instances.values()))

    @app.route("/1.0/instances", methods=["POST"])
    def create(self, request: Any) -> bytes:
        """Make one."""
        document = json.load(request.content)
        self.instances[document["name"]] = document
        return self._operation(request)

    @app.route("/1.0/instances/<path:name>", methods=["GET"])
    def get(self, request: Any, name: str) -> bytes:
        """One of them."""
        found = self.instances.get(unquote(name))
        if found is None:
            return refused(request, 404, "Instance not found")
        found["status"] = next(self.statuses, found["status"])
        return sync(found)

    @app.route("/1.0/instances/<path:name>", methods=["PUT"])
    def put(self, request: Any, name: str) -> bytes:
        """Change one."""
        self.instances[name].update(json.load(request.content))
        return self._operation(request)

    @app.route("/1.0/instances/<path:name>", methods=["POST"])
    def rename(self, request: Any, name: str) -> bytes:
        """Rename one."""
        self.instances[json.load(request.content)["name"]] = self.instances.pop(name)
        return self._operation(request)

    @app.route("/1.0/instances/<path:name>", methods=["DELETE"])
    def delete(self, request: Any, name: str) -> bytes:
        """Remove one."""
        if self.instances.pop(name, None) is None:
            return refused(request, 404, "Instance not found")
        return self._operation(request)

    @app.route("/1.0/devlxd/instances/<name>/init", methods=["PUT"])
    def register(self, request: Any, name: str) -> bytes:
        """Register one."""
        self.inits[name] = json.load(request.content)["pid"]
        return sync({})

    @app.route("/1.0/operations/1/wait", methods=["GET"])
    def wait(self, request: Any) -> bytes:
        """The operation ends."""
        self._note(request)
        return sync({"status_code": self.outcome[0], "err": self.outcome[1]})

    @app.route("/1.0/events", methods=["GET"])
    def events(self, request: Any) -> Deferred[bytes]:
        """What happens."""
        self._note(request)
        chunk = self.happenings.pop(0)
        if chunk == BUSY:
            return succeed(refused(request, 503, "busy"))
        request.write(chunk)
        told: Deferred[bytes] = Deferred(lambda ended: ended.callback(b""))
        if self.happenings:
            told.callback(b"")
        return told

    def site(self) -> Site:
        """To listen with."""
        return Site(cast(Resource, self.app.resource()), timeout=None)

    def _operation(self, request: Any) -> bytes:
        request.setResponseCode(202)
        document = {
            "type": "async",
            "operation": "/1.0/operations/1",
            "metadata": {"status_code": 103},
        }
        return json.dumps(document).encode()

    def _note(self, request: Any) -> None:
        self.asked.append(f"{request.method.decode()} {request.uri.decode()}")
