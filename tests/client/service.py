"""
Services for a client to ask: one that answers as LXD does, and one that has the same
answer for everything.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, cast
from urllib.parse import unquote_to_bytes

from attrs import define, field
from klein import Klein
from treq.testing import StubTreq
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.web.iweb import IRequest
from twisted.web.resource import IResource
from twisted.web.server import Site

from devlxd.client.guest import GuestClient

MAIN: Mapping[str, object] = {
    "state": "Started",
    "api_version": "1.0",
    "instance_type": "container",
    "location": "host1",
    "auth": "untrusted",
    "supported_storage_drivers": [],
}
"""What LXD says of an instance, key by key in its order."""

INCUS: Mapping[str, object] = {
    "state": "Ready",
    "api_version": "1.0",
    "instance_type": "virtual-machine",
    "location": "host1",
}
"""What Incus says, and LXD until 6.5."""

LXD_5_0: Mapping[str, object] = {
    "state": "",
    "api_version": "1.0",
    "instance_type": "container",
    "location": "none",
}
"""What LXD 5.0.2 says."""

IMAGE = b"an image\n"
"""The only image that there is, whatever it is called."""


def said(request: IRequest, document: object) -> bytes:
    """A JSON answer."""
    request.setHeader(b"Content-Type", b"application/json")
    return json.dumps(document, separators=(",", ":")).encode() + b"\n"


def raw(request: IRequest, content: bytes) -> bytes:
    """An answer that is the bytes themselves."""
    request.setHeader(b"Content-Type", b"application/octet-stream")
    return content


def refused(request: IRequest, status: int, text: str) -> bytes:
    """A refusal."""
    request.setResponseCode(status)
    request.setHeader(b"Content-Type", b"text/plain; charset=utf-8")
    request.setHeader(b"X-Content-Type-Options", b"nosniff")
    return text.encode() + b"\n"


@define(eq=False)
class GuestService:
    """
    LXD's guest API, as one instance sees it.

    :ivar document: what ``GET /1.0`` says, but for the state once that was set.
    :ivar told: the lines of events that have happened; it keeps them, and tells them
        chunk by chunk.
    :ivar asked: the method and the path of each request, as they came.
    """

    app: ClassVar[Klein] = Klein()

    document: Mapping[str, object] = MAIN
    config: dict[bytes, bytes] = field(factory=dict)
    devices: Mapping[str, Mapping[str, str]] = field(factory=dict)
    metadata: bytes = b"instance-id: 1\nlocal-hostname: c1\n"
    told: Sequence[bytes] = ()
    asked: list[str] = field(factory=list)

    @app.route("/", methods=["GET"])
    def versions(self, request: IRequest) -> bytes:
        """The versions."""
        self._note(request)
        return said(request, ["/1.0"])

    @app.route("/1.0", methods=["GET"])
    def info(self, request: IRequest) -> bytes:
        """The document."""
        self._note(request)
        return said(request, self.document)

    @app.route("/1.0", methods=["PATCH"])
    def patch(self, request: Any) -> bytes:
        """The state."""
        self._note(request)
        if self.document is LXD_5_0:
            return said(request, self.document)
        state = json.load(request.content)["state"]
        if state not in {"Ready", "Started"}:
            return refused(request, 400, f'Invalid state "{state}"')
        self.document = {**self.document, "state": state}
        return raw(request, b"")

    @app.route("/1.0/config", methods=["GET"])
    def keys(self, request: IRequest) -> bytes:
        """The keys, in no order."""
        self._note(request)
        names = (key.decode("utf-8", "surrogateescape") for key in self.config)
        return said(request, [f"/1.0/config/{name}" for name in names])

    @app.route("/1.0/config/", methods=["GET"], branch=True)
    def value(self, request: Any) -> bytes:
        """A value."""
        self._note(request)
        key = unquote_to_bytes(request.uri.removeprefix(b"/1.0/config/"))
        if not key.startswith((b"user.", b"cloud-init.")):
            return refused(request, 403, "Forbidden")
        if key not in self.config or self.config[key] == b"vanished":
            return refused(request, 404, "Not Found")
        return raw(request, self.config[key])

    @app.route("/1.0/devices", methods=["GET"])
    def all_devices(self, request: IRequest) -> bytes:
        """The devices."""
        self._note(request)
        return said(request, self.devices)

    @app.route("/1.0/meta-data", methods=["GET"])
    def meta_data(self, request: IRequest) -> bytes:
        """The meta-data."""
        self._note(request)
        return raw(request, self.metadata)

    @app.route("/1.0/images/<fingerprint>/export", methods=["GET"])
    def image(self, request: IRequest, fingerprint: str) -> bytes:
        """An image."""
        self._note(request)
        disposition = f"inline;filename={fingerprint}.tar.xz"
        request.setHeader(b"Content-Disposition", disposition.encode())
        return raw(request, IMAGE)

    @app.route("/1.0/events", methods=["GET"])
    def events(self, request: Any) -> Deferred[bytes]:
        """The events, and then nothing for now."""
        self._note(request)
        since = int(request.args[b"since"][0])
        for line in self.told[since:]:
            request.write(line)
        return Deferred(lambda ended: ended.callback(b""))

    def resource(self) -> IResource:
        """For a site."""
        return cast(IResource, self.app.resource())

    def _note(self, request: Any) -> None:
        self.asked.append(f"{request.method.decode()} {request.uri.decode()}")


@define(eq=False)
class Always:
    """A service that has one answer for everything."""

    app: ClassVar[Klein] = Klein()

    status: int
    body: bytes
    headers: Mapping[str, str] = field(factory=dict)

    @app.route("/", branch=True)
    def answer(self, request: IRequest) -> bytes:
        """The answer."""
        request.setResponseCode(self.status)
        for name, value in self.headers.items():
            request.setHeader(name, value)
        return self.body

    def resource(self) -> IResource:
        """For a site."""
        return cast(IResource, self.app.resource())


def in_memory(service: GuestService | Always) -> GuestClient:
    """A client of a service, without a socket between them."""
    return GuestClient.using(cast(Any, StubTreq(service.resource())), Clock())


def site(service: GuestService | Always) -> Site:
    """A service for `listening`, without timers that could outlive a test."""
    return Site(service.resource(), timeout=None)
