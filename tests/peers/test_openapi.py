"""
What the OpenAPI documents say is what the service does.

schemathesis makes requests of a document, good ones and bad ones, and holds each answer
against it: status, content type, headers and body; that good requests are not refused
and bad ones are; and that nothing is a fault of the server.  What never ends, which is
the streams of events, is held against the documents by hand.
"""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from pathlib import Path
from typing import Any

import yaml
from twisted.internet.utils import getProcessOutputAndValue
from twisted.trial.unittest import TestCase

from tests.need import need_checkout
from tests.openapi import read
from tests.peers.loopback import on_loopback
from tests.peers.service import Service, environment, started_service

_CONFIG = Path(__file__).with_name("schemathesis.toml")
_PATIENCE = 30.0  # seconds; the machine may be busy
_EVENTS = "/1.0/events"
_OPENING = (
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


def _environment() -> dict[str, str]:
    """That of schemathesis: no proxy, and no coverage, whose work would be in vain."""
    kept = {k: v for k, v in environment().items() if not k.startswith("COVERAGE_")}
    return {**kept, "NO_PROXY": "127.0.0.1"}


class _LiveTests(TestCase):
    """Tests on the service that the README starts."""

    timeout = 300

    def setUp(self) -> None:
        """Start it."""
        self.root = need_checkout()
        file = self.root / "examples" / "instances.yaml"
        self.service = started_service(
            self, "--instances", str(file), "--assume", "web1"
        )

    @property
    def sockets(self) -> dict[str, Path]:
        """The socket of each surface."""
        service: Service = self.service
        return {"guest": service.socket, "host": service.state / "unix.socket"}


class SchemathesisTests(_LiveTests):
    """Each document, held against the service by schemathesis."""

    async def _said(self, surface: str, document: Path, *arguments: str) -> str:
        """What schemathesis says of a document; empty if it finds no fault."""
        url = on_loopback(self, self.sockets[surface])
        options = ["--config-file", str(_CONFIG), "--no-color"]
        out, err, code = await getProcessOutputAndValue(
            sys.executable,
            [
                *("-c", "from schemathesis.cli import schemathesis as run; run()"),
                *(*options, "run", str(document), "--url", url),
                *("--exclude-path", _EVENTS, *arguments),
            ],
            _environment(),
            str(self.service.directory),
        )
        return "" if code == 0 else (out + err).decode()

    async def _check(self, surface: str, examples: int) -> None:
        """Ask so much of each operation of a surface, and fail with what it says."""
        said = await self._said(surface, self._path(surface), "-n", str(examples))
        if said:
            self.fail(said)

    async def _said_of_plant(self, *plants: tuple[list[str], object]) -> str:
        """What it says of the guest's document when something in it is replaced."""
        content = yaml.safe_load((self._path("guest")).read_text())
        for (*way, last), value in plants:
            node = content
            for key in way:
                node = node[key]
            node[last] = value
        planted = self.service.directory / "planted.json"
        planted.write_text(json.dumps(content))
        return await self._said("guest", planted, "--phases", "examples,coverage")

    def _path(self, surface: str) -> Path:
        return self.root / "docs" / "openapi" / f"{surface}.yaml"

    async def test_guest(self) -> None:
        """The guest API does what its document says."""
        await self._check("guest", 60)

    async def test_host(self) -> None:
        """The host API does what its document says."""
        await self._check("host", 20)

    async def test_wrong_schema(self) -> None:
        """A document that is wrong about a body is found out."""
        state = ["components", "schemas", "About", "properties", "state"]
        said = await self._said_of_plant((state, {"const": "Waiting"}))
        self.assertIn("Response violates schema", said)
        self.assertIn('"Waiting" was expected', said)

    async def test_unsaid_status(self) -> None:
        """A status that a document does not have is found out."""
        responses = ["paths", "/1.0/config/{key}", "get", "responses"]
        said = await self._said_of_plant((responses, {"200": {"description": ""}}))
        self.assertIn("Undocumented status code", said)
        self.assertIn("Received: 403", said)


class EventsTests(_LiveTests):
    """The streams of events, held against the documents."""

    @contextmanager
    def _asked(self, surface: str, request: str) -> Iterator[tuple[HTTPResponse, Any]]:
        """The response to a request, and what comes after its head, as a file."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(_PATIENCE)
            connection.connect(str(self.sockets[surface]))
            connection.sendall(request.encode())
            with HTTPResponse(connection) as response:
                response.begin()
                yield response, response.fp

    def _ask(self, surface: str, method: str, path: str, document: object) -> None:
        body = json.dumps(document)
        request = (
            f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        )
        with self._asked(surface, request) as (response, _):
            self.assertLess(response.status, 300, response.read())

    def _check(self, surface: str, query: str, count: int) -> set[str]:
        """Change things; the types of the events, which are as the document says."""
        request = f"GET {_EVENTS}{query} HTTP/1.1\r\nHost: x\r\n\r\n"
        with self._asked(surface, request) as (response, lines):
            self.assertEqual(response.status, 200)
            self._change()
            events = [json.loads(lines.readline()) for _ in range(count)]
        for event in events:
            faults = read(surface).is_response(_EVENTS, 200, event)
            self.assertEqual(faults, [], event)
        return {event["type"] for event in events}

    def _change(self) -> None:
        """Change an instance and a profile, and say that the guest is ready."""
        changes = {
            "config": {"user.role": "<db>"},
            "devices": {"eth1": {"type": "nic", "name": "eth1"}},
        }
        self._ask("host", "PATCH", "/1.0/instances/web1", changes)
        self._ask("host", "PUT", "/1.0/instances/vm1", {"description": "x"})
        self._ask("host", "POST", "/1.0/profiles", {"name": "new"})
        self._ask("host", "POST", "/1.0/profiles/new", {"name": "old"})
        self._ask("host", "DELETE", "/1.0/profiles/old", None)
        self._ask("host", "POST", "/1.0/projects", {"name": "new"})
        self._ask("host", "POST", "/1.0/projects/new", {"name": "old"})
        self._ask("host", "DELETE", "/1.0/projects/old", None)
        self._ask("guest", "PATCH", "/1.0", {"state": "Ready"})

    def test_guest(self) -> None:
        """Each message of the guest API is one of those that its document has."""
        self.assertEqual(self._check("guest", "", 2), {"config", "device"})
        types = self._check("guest", "?since=latest", 1)
        self.assertEqual(types, {"latest"})
        self.assertEqual(
            self._check("guest", "?since=9", 3), {"gap", "config", "device"}
        )

    def test_host(self) -> None:
        """Each event of the host API is one of those that its document has."""
        types = self._check("host", "?all-projects=true", 11)
        self.assertEqual(types, {"lifecycle", "operation"})

    def test_websocket(self) -> None:
        """A WebSocket is opened with the headers that the documents have."""
        request = f"GET {_EVENTS} HTTP/1.1\r\nHost: x\r\n{_OPENING}\r\n"
        for surface in self.sockets:
            operation = read(surface).content["paths"][_EVENTS]["get"]
            with self._asked(surface, request) as (response, _):
                self.assertEqual(response.status, 101)
                for name, header in operation["responses"]["101"]["headers"].items():
                    value = response.getheader(name)
                    self.assertEqual(read(surface).faults(header["schema"], value), [])

    def test_refused(self) -> None:
        """What is refused is refused as the documents say."""
        page = f"{_OPENING}Origin: http://y\r\n"
        for surface, query, headers, status in (
            ("guest", "?since=yesterday", "", 400),
            ("guest", "", "Upgrade: websocket\r\n", 400),
            ("guest", "", page, 403),
            ("host", "?type=config", "", 400),
            ("host", "", "Upgrade: websocket\r\n", 400),
            ("host", "", page, 403),
            ("host", "?project=nowhere", "", 404),
        ):
            request = f"GET {_EVENTS}{query} HTTP/1.1\r\nHost: x\r\n{headers}\r\n"
            with self._asked(surface, request) as (response, _):
                self.assertEqual(response.status, status)
                text = response.read().decode()
            body = text if surface == "guest" else json.loads(text)
            self.assertEqual(read(surface).is_response(_EVENTS, status, body), [], body)
