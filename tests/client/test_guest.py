"""Tests of devlxd.client.guest, without sockets."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar, cast

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from devlxd import errors
from devlxd.client.documents import Info
from devlxd.client.failures import BadAnswer, Refused
from devlxd.client.guest import GuestClient, segment
from tests.client.service import INCUS, LXD_5_0, Always, GuestService, in_memory

T = TypeVar("T")


class GuestTestCase(SynchronousTestCase):
    """Asks a service in memory."""

    def answer(self, question: Coroutine[Any, Any, T]) -> T:
        """What a question is answered with."""
        return self.successResultOf(Deferred.fromCoroutine(question))

    def failure(self, question: Coroutine[Any, Any, T], kind: type[Exception]) -> Any:
        """What a question fails with."""
        return self.failureResultOf(Deferred.fromCoroutine(question), kind).value


class AnswerTests(GuestTestCase):
    """Every method, when all is well."""

    def setUp(self) -> None:
        """A service with something of everything."""
        self.service = GuestService(
            config={b"user.b": b"two\n", b"cloud-init.user-data": b"#!/bin/sh"},
            devices={"eth0": {"type": "nic", "hwaddr": "00:16:3e:00:00:01"}},
        )
        self.client = in_memory(self.service)

    def test_versions(self) -> None:
        """The versions of the API are known by their numbers."""
        self.assertEqual(self.answer(self.client.versions()), ["1.0"])

    def test_info(self) -> None:
        """A service says what it knows of the instance."""
        self.assertEqual(
            self.answer(self.client.info()), Info("Started", location="host1")
        )

    def test_other_services(self) -> None:
        """A service of another version may say less."""
        self.service.document = INCUS
        self.assertEqual(self.answer(self.client.info()).state, "Ready")
        self.service.document = LXD_5_0
        self.assertEqual(self.answer(self.client.info()).state, "")

    def test_ready(self) -> None:
        """The host is told that the instance is ready, and that it is no more."""
        self.answer(self.client.ready())
        self.assertEqual(self.answer(self.client.info()).state, "Ready")
        self.answer(self.client.started())
        self.assertEqual(self.answer(self.client.info()).state, "Started")

    def test_keys(self) -> None:
        """Keys are sorted."""
        self.assertEqual(
            self.answer(self.client.keys()), ["cloud-init.user-data", "user.b"]
        )

    def test_config(self) -> None:
        """A value keeps its newline."""
        self.assertEqual(self.answer(self.client.config("user.b")), "two\n")

    def test_empty(self) -> None:
        """A value may be empty."""
        self.service.config[b"user.empty"] = b""
        self.assertEqual(self.answer(self.client.config("user.empty")), "")

    def test_any_bytes(self) -> None:
        """A value may be any bytes, which are the same when it is encoded again."""
        everything = bytes(range(256))
        self.service.config[b"user.b"] = everything
        value = self.answer(self.client.config("user.b"))
        self.assertEqual(value.encode("utf-8", "surrogateescape"), everything)

    def test_any_key(self) -> None:
        """A key may have characters that mean something else in a path or a query."""
        for key in ("user.a/b?c#d%41&é\N{SNOWMAN} ;..\t+", "user."):
            self.service.config[key.encode()] = b"here"
            self.assertEqual(self.answer(self.client.config(key)), "here")

    def test_all_config(self) -> None:
        """All keys come with their values, sorted."""
        self.assertEqual(
            list(self.answer(self.client.all_config()).items()),
            [("cloud-init.user-data", "#!/bin/sh"), ("user.b", "two\n")],
        )

    def test_vanished(self) -> None:
        """A key that is listed and has no value any more is left out."""
        self.service.config[b"user.a"] = b"vanished"
        self.assertEqual(
            list(self.answer(self.client.all_config())),
            ["cloud-init.user-data", "user.b"],
        )

    def test_devices(self) -> None:
        """A device is a mapping of its keys."""
        self.assertEqual(
            self.answer(self.client.devices()),
            {"eth0": {"type": "nic", "hwaddr": "00:16:3e:00:00:01"}},
        )

    def test_metadata(self) -> None:
        """The meta-data is a text."""
        self.assertEqual(
            self.answer(self.client.metadata()),
            "instance-id: 1\nlocal-hostname: c1\n",
        )

    def test_questions(self) -> None:
        """Nothing is asked but what is needed, and a key is one segment of its path."""
        self.failure(self.client.config("user.a/b c"), errors.NotFound)
        self.answer(self.client.ready())
        self.answer(self.client.all_config())
        self.assertEqual(
            self.service.asked,
            [
                "GET /1.0/config/user.a%2Fb%20c",
                "PATCH /1.0",
                "GET /1.0/config",
                "GET /1.0/config/cloud-init.user-data",
                "GET /1.0/config/user.b",
            ],
        )


class RefusalTests(GuestTestCase):
    """The service says no."""

    def test_not_found(self) -> None:
        """A key that is not there is not found."""
        client = in_memory(GuestService())
        self.assertEqual(
            str(self.failure(client.config("user.x"), errors.NotFound)), "Not Found"
        )

    def test_forbidden(self) -> None:
        """A key that is not for instances is forbidden."""
        client = in_memory(GuestService())
        self.assertEqual(
            str(self.failure(client.config("limits.cpu"), errors.Forbidden)),
            "Forbidden",
        )

    def test_bad_state(self) -> None:
        """An unknown state is a bad request."""
        client = in_memory(GuestService())
        refusal = self.failure(client.set_state(cast(Any, "Happy")), errors.BadRequest)
        self.assertEqual(refusal.text, 'Invalid state "Happy"')

    def test_no_states(self) -> None:
        """A service that is too old for states does not pretend to be told one."""
        client = in_memory(GuestService(document=LXD_5_0))
        self.failure(client.ready(), errors.NotImplementedHere)

    def test_by_status(self) -> None:
        """Each refusal is known by its class, and its text has no newline."""
        for status, kind in (
            (400, errors.BadRequest),
            (401, errors.Unauthorized),
            (403, errors.Forbidden),
            (404, errors.NotFound),
            (501, errors.NotImplementedHere),
        ):
            client = in_memory(Always(status, b"for a reason\n"))
            refusal = self.failure(client.info(), kind)
            self.assertEqual((refusal.status, refusal.text), (status, "for a reason"))

    def test_any_other_status(self) -> None:
        """A refusal of another status is a refusal, and says which status it has."""
        client = in_memory(Always(507, b"full\n\n"))
        refusal = self.failure(client.info(), errors.Refusal)
        self.assertIsInstance(refusal, Refused)
        self.assertEqual((refusal.status, refusal.text), (507, "full"))

    def test_no_text(self) -> None:
        """A refusal without a text has the one of its class."""
        self.assertEqual(
            str(self.failure(in_memory(Always(403, b"\n")).info(), errors.Forbidden)),
            "Forbidden",
        )
        self.assertEqual(
            str(self.failure(in_memory(Always(599, b"")).info(), Refused)),
            "The service answered with status 599",
        )

    def test_broken_text(self) -> None:
        """A refusal whose text is not UTF-8 is a refusal nevertheless."""
        client = in_memory(Always(404, b"no \xff\n"))
        self.assertEqual(
            str(self.failure(client.info(), errors.NotFound)),
            "no \N{REPLACEMENT CHARACTER}",
        )

    def test_impossible_keys(self) -> None:
        """What is no key, or would be another path, is not even asked for."""
        service = GuestService()
        for key in ("", ".", "..", "user.\ud800"):
            self.failure(in_memory(service).config(key), errors.BadRequest)
        self.assertEqual(service.asked, [])


class BadAnswerTests(GuestTestCase):
    """The service is none, or is broken."""

    def complaint(self, question: Coroutine[Any, Any, T]) -> str:
        """What a bad answer is called."""
        return str(self.failure(question, BadAnswer))

    def test_no_json(self) -> None:
        """An answer that is no JSON is a bad one, and the failure says to what."""
        client = in_memory(Always(200, b"<html>"))
        self.assertEqual(
            self.complaint(client.devices()),
            "the service: GET /1.0/devices was answered with another document "
            "(Expecting value: line 1 column 1 (char 0)); "
            "is it LXD's guest API that listens there?",
        )

    def test_other_documents(self) -> None:
        """A document of another shape is a bad answer to every question."""
        client = in_memory(Always(200, b'"1.0"\n'))
        for question in (
            client.versions(),
            client.info(),
            client.keys(),
            client.all_config(),
            client.devices(),
        ):
            self.assertIn("another document", self.complaint(question))

    def test_envelope(self) -> None:
        """LXD's API for the host is no guest API."""
        answer = b'{"type":"sync","status":"Success","metadata":{"api_version":"1.0"}}'
        client = in_memory(Always(200, answer))
        self.assertIn("api_version was due", self.complaint(client.info()))

    def test_deep(self) -> None:
        """JSON that is nested beyond all measure is a bad answer."""
        client = in_memory(Always(200, b"[" * 1_000_000))
        self.assertIn("another document", self.complaint(client.keys()))

    def test_redirection(self) -> None:
        """A redirection is not followed, since there is nowhere else to go."""
        client = in_memory(Always(301, b"", {"Location": "http://example.com/"}))
        self.assertIn("a redirection, 301", self.complaint(client.metadata()))


class SegmentTests(SynchronousTestCase):
    """What is sent before anything is sent."""

    @given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
    def test_one_segment(self, key: str) -> None:
        """Whatever a key is, it cannot leave its segment."""
        if key in {".", ".."}:
            return
        self.assertNotRegex(segment(key), r"[^A-Za-z0-9_.~%-]")

    def test_bytes(self) -> None:
        """A key may be any bytes."""
        self.assertEqual(segment("user.\udcff//\n"), "user.%FF%2F%2F%0A")

    def test_client_is_lazy(self) -> None:
        """A client connects to nothing before it is asked."""
        GuestClient.connect(cast(Any, None), "/nowhere")
