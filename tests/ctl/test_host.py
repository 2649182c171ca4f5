"""Tests of devlxd.ctl.host, devlxd.ctl.envelopes and devlxd.ctl.things."""

from __future__ import annotations

import json
from typing import Any, ClassVar, cast

from attrs import define
from klein import Klein
from treq.testing import StubTreq
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from devlxd.client.documents import Malformed
from devlxd.client.failures import BadAnswer, Refused
from devlxd.ctl.host import HostClient
from devlxd.ctl.things import INSTANCE, PROFILE, thing
from devlxd.errors import (
    BadRequest,
    Conflict,
    Forbidden,
    NotFound,
    PreconditionFailed,
    Refusal,
)
from tests.client.service import Always

WEB = {"name": "web", "config": {}, "devices": {}}


def saying(document: object, status: int = 200) -> HostClient:
    """A client of a host that always says this."""
    service = Always(status, json.dumps(document).encode())
    return HostClient.using(cast(Any, StubTreq(service.resource())), Clock())


class AnswerTests(SynchronousTestCase):
    """What a host may say."""

    def complaint(self, document: object) -> str:
        """What is wrong with an answer."""
        asked = saying(document).get(PROFILE, "web")
        return str(self.failureResultOf(_deferred(asked), BadAnswer).value)

    def test_shapes(self) -> None:
        """An answer of another shape is of no use."""
        for document, what in (
            ([], "an object was due"),
            ({"type": "sync"}, "metadata was due"),
            ({"metadata": WEB}, "a string was due"),
            ({"type": "sync", "metadata": {}}, "a string was due"),
            (
                {"type": "sync", "metadata": {**WEB, "config": {"a": 1}}},
                "config: a: a string was due",
            ),
            (
                {"type": "sync", "metadata": {**WEB, "devices": {"a": []}}},
                "devices: a: an object was due",
            ),
            (
                {"type": "async", "operation": "/1.0/x", "metadata": {}},
                "a status_code was due",
            ),
        ):
            self.assertIn(f"another document ({what})", self.complaint(document))

    def test_no_json(self) -> None:
        """What is no JSON is of no use either."""
        service = Always(200, b"{")
        client = HostClient.using(cast(Any, StubTreq(service.resource())), Clock())
        self.failureResultOf(_deferred(client.all(PROFILE)), BadAnswer)

    def test_refusals(self) -> None:
        """A refusal is of its class, in the words of its envelope."""
        kinds: dict[int, type[Refusal]] = {
            400: BadRequest,
            403: Forbidden,
            404: NotFound,
            409: Conflict,
            412: PreconditionFailed,
            503: Refused,
        }
        for status, kind in kinds.items():
            asked = saying({"error": "no"}, status).rename(PROFILE, "a", "b")
            failure = self.failureResultOf(_deferred(asked), kind)
            self.assertEqual(str(failure.value), "no")

    def test_bare_refusal(self) -> None:
        """A refusal without an envelope has its text, too."""
        service = Always(404, b"404 page not found\n")
        client = HostClient.using(cast(Any, StubTreq(service.resource())), Clock())
        failure = self.failureResultOf(_deferred(client.delete(PROFILE, "a")), NotFound)
        self.assertEqual(str(failure.value), "404 page not found")

    def test_at_once(self) -> None:
        """An operation that has ended is not waited for."""
        client = saying(
            {"type": "async", "operation": "/1.0/x", "metadata": {"status_code": 200}}
        )
        self.successResultOf(_deferred(client.delete(INSTANCE, "a")))


@define(eq=False)
class Racing:
    """A host on which somebody else is always faster."""

    app: ClassVar[Klein] = Klein()

    @app.route("/", branch=True)
    def answer(self, request: Any) -> bytes:
        """A document, or that it is another one by now."""
        if request.method == b"PUT":
            request.setResponseCode(412)
        return json.dumps({"type": "sync", "metadata": WEB, "error": "late"}).encode()


class UpdateTests(SynchronousTestCase):
    """Changes."""

    def test_no_end(self) -> None:
        """When others never stop to change it, that is told after a while."""
        asked: list[object] = []
        stub = StubTreq(cast(Any, Racing().app.resource()))
        client = HostClient.using(cast(Any, stub), Clock())

        def rule(content: dict[str, Any]) -> dict[str, Any]:
            asked.append(content)
            return content

        update = client.update(PROFILE, "web", rule)
        self.failureResultOf(_deferred(update), PreconditionFailed)
        self.assertEqual(len(asked), 20)


class ThingTests(SynchronousTestCase):
    """Documents of instances and profiles."""

    def test_sparse(self) -> None:
        """What an older host does not say is empty."""
        found = thing(INSTANCE, {"name": "c1", "config": None, "profiles": None})
        self.assertEqual(
            found.content,
            {
                "architecture": "",
                "profiles": [],
                "ephemeral": False,
                "stateful": False,
                "description": "",
                "config": {},
                "devices": {},
            },
        )
        self.assertEqual((found.config(True), found.devices(True)), ({}, {}))

    def test_malformed(self) -> None:
        """What has another shape is told by its place."""
        for document, what in (
            ({"ephemeral": 1}, "ephemeral: true or false was due"),
            ({"profiles": "x"}, "profiles: an array was due"),
            ({"expanded_config": []}, "an object was due"),
            ({"expanded_devices": {"a": {"b": []}}}, "a: b: a string was due"),
        ):
            with self.assertRaises(Malformed) as caught:
                thing(INSTANCE, {"name": "c1", **document})
            self.assertEqual(str(caught.exception), what)


def _deferred(coroutine: Any) -> Any:
    """What a coroutine comes to."""
    return Deferred.fromCoroutine(coroutine)
