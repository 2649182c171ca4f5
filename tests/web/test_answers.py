"""Answers as they come."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase
from twisted.web.iweb import IRequest
from zope.interface.verify import verifyObject

from devlxd.errors import NoSuchInstance
from devlxd.web.dialects import Plain
from devlxd.web.interfaces import IAdmission, IDialect, IDoor
from devlxd.web.replies import JSON, Answer, Raw
from devlxd.web.routes import Route, Routes
from tests.web.case import TEXT, SurfaceCase, request
from tests.web.world import DATE, Admission, Door


class DialectTests(SynchronousTestCase):
    """The guests' form of answers."""

    def test_role(self) -> None:
        """It is a dialect."""
        self.assertTrue(verifyObject(IDialect, Plain()))

    def test_json(self) -> None:
        """A document is JSON with a newline."""
        answer = Plain().success(JSON({"a": "<é>"}))
        self.assertEqual((answer.status, answer.body), (200, '{"a":"<é>"}\n'.encode()))
        self.assertEqual(answer.headers, ((b"Content-Type", b"application/json"),))

    def test_json_once(self) -> None:
        """A document is encoded once."""
        reply = JSON(["x"])
        self.assertIs(Plain().success(reply).body, Plain().success(reply).body)

    def test_raw(self) -> None:
        """Bytes are answered as they are."""
        answer = Plain().success(Raw(b"\x00\xff\n"))
        self.assertEqual((answer.status, answer.body), (200, b"\x00\xff\n"))
        self.assertEqual(
            answer.headers, ((b"Content-Type", b"application/octet-stream"),)
        )

    def test_refusal(self) -> None:
        """A refusal is a line of text that no browser takes for anything else."""
        self.assertEqual(
            Plain().failure(NoSuchInstance("Not é")),
            Answer(
                404,
                (
                    (b"Content-Type", TEXT.encode()),
                    (b"X-Content-Type-Options", b"nosniff"),
                ),
                "Not é\n".encode(),
            ),
        )


class RoutesTests(SynchronousTestCase):
    """Lists of routes."""

    def test_order(self) -> None:
        """Routes are listed as they were added, and their functions left alone."""
        routes: Routes[object] = Routes()

        def read(caller: object, request: IRequest, /, **segments: str) -> Raw:
            return Raw(b"")

        self.assertIs(routes.patch("/b")(read), read)
        self.assertIs(routes.get("/a")(read), read)
        self.assertEqual(
            list(routes), [Route("PATCH", "/b", read), Route("GET", "/a", read)]
        )


class AnswerTests(SurfaceCase):
    """Answers as they come."""

    def test_roles(self) -> None:
        """The parts of these tests play their roles."""
        self.assertTrue(verifyObject(IAdmission, Admission()))
        self.assertTrue(verifyObject(IDoor, Door()))

    def test_exact(self) -> None:
        """An answer has the headers that Go gives it, and no Server."""
        self.wire.send(request())
        self.assertEqual(
            self.wire.received.decode(),
            f"HTTP/1.1 200 OK\r\nDate: {DATE}\r\nContent-Type: application/json\r\n"
            'Content-Length: 11\r\n\r\n["caller"]\n',
        )

    def test_empty(self) -> None:
        """An answer without content says so."""
        response = self.ask("/empty")
        self.assertEqual(response.headers["content-length"], "0")
        self.assertEqual(response.headers["content-type"], "application/octet-stream")

    def test_length(self) -> None:
        """Up to 2048 bytes have their length told; more are sent in chunks."""
        self.assertEqual(self.ask("/size/2048").coding, "length")
        response = self.ask("/size/2049")
        self.assertEqual((response.coding, response.body), ("chunked", b"x" * 2049))
        self.assertNotIn("content-length", response.headers)

    def test_later(self) -> None:
        """A handler may take its time; whoever asks meanwhile is not kept waiting."""
        self.wire.send(request("/slow"))
        self.assertEqual(self.wire.received, b"")
        self.assertEqual(self.world.connect().ask(request()).status, 200)
        self.world.answer()
        [response] = self.wire.responses()
        self.assertEqual((response.status, response.body), (200, b"slow"))

    def test_body(self) -> None:
        """A handler reads the body."""
        self.assertEqual(self.ask("/", "PATCH", b'{"a"\0').body, b'={"a"\0')

    def test_body_of_get(self) -> None:
        """The body of a GET is taken and ignored."""
        self.assertEqual(self.ask("/", "GET", b"GET /").body, b'["caller"]\n')
        self.assertEqual(self.ask().status, 200)


class HeadTests(SurfaceCase):
    """``HEAD``."""

    def assert_as_get(self, target: str) -> None:
        """``HEAD`` has the head of ``GET`` and nothing else."""
        got = self.ask(target)
        headers = {**got.headers}
        headers.pop("transfer-encoding", None)
        self.wire.received = b""
        response = self.ask(target, "HEAD")
        self.assertEqual(response.line, got.line)
        self.assertEqual(response.headers, headers)
        self.assertTrue(self.wire.received.endswith(b"\r\n\r\n"))
        self.assertEqual(response.body, b"")

    def test_known(self) -> None:
        """A known path answers like to ``GET``, without the body."""
        for target in ("/", "/empty", "/size/2048", "/size/2049"):
            self.assert_as_get(target)

    def test_refused(self) -> None:
        """Refusals answer like to ``GET``, without the body."""
        for target in ("/nope", "/refused"):
            self.assert_as_get(target)

    def test_redirected(self) -> None:
        """A redirection answers like to ``GET``, but tells no length."""
        response = self.ask("//a", "HEAD")
        self.assertEqual(response.status, 301)
        self.assertEqual(response.headers, {"date": DATE, "location": "/a"})

    def test_fault(self) -> None:
        """A fault answers like to ``GET``, without the body."""
        self.assert_as_get("/broken")
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 2)
