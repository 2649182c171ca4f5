"""Operations, which have ended when they are told of."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count

from twisted.trial.unittest import SynchronousTestCase

from devlxd.errors import NotFound
from devlxd.host.operations import Operation, Operations
from devlxd.web.dialects import Envelope, Plain
from devlxd.web.replies import Accepted, Raw

_THEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
_RESOURCES = {"instances": ["/1.0/instances/c1"]}


class OperationsTests(SynchronousTestCase):
    """`Operations` keeps the last ones."""

    def setUp(self) -> None:
        """None yet."""
        numbers = count(1)
        self.operations = Operations(lambda: f"id-{next(numbers)}", lambda: _THEN)

    def test_document(self) -> None:
        """One that succeeded is final, with LXD's fields in LXD's order."""
        operation = self.operations.add("Creating instance", _RESOURCES)
        self.assertEqual(operation.url, "/1.0/operations/id-1")
        self.assertEqual(
            list(operation.document().items()),
            [
                ("id", "id-1"),
                ("class", "task"),
                ("description", "Creating instance"),
                ("created_at", "2026-01-02T03:04:05Z"),
                ("updated_at", "2026-01-02T03:04:05Z"),
                ("status", "Success"),
                ("status_code", 200),
                ("resources", _RESOURCES),
                ("metadata", None),
                ("may_cancel", False),
                ("err", ""),
                ("location", "none"),
            ],
        )

    def test_failed(self) -> None:
        """One that failed says so."""
        failed = Operation("x", "Doing", {}, _THEN, {"k": 1}, "no way").document()
        self.assertEqual((failed["status"], failed["status_code"]), ("Failure", 400))
        self.assertEqual((failed["err"], failed["metadata"]), ("no way", {"k": 1}))

    def test_kept(self) -> None:
        """The last thousand can be asked for again."""
        for _ in range(1001):
            self.operations.add("Doing", {})
        self.assertEqual(len(self.operations.all()), 1000)
        self.assertEqual(self.operations.get("id-1001").id, "id-1001")
        self.assertRaises(NotFound, self.operations.get, "id-1")

    def test_envelope(self) -> None:
        """The answer that tells of one is 202, and says where it is."""
        operation = self.operations.add("Doing", {})
        accepted = Accepted(operation.document(), operation.url)
        self.assertEqual(Plain().success(accepted).status, 200)
        self.assertEqual(Envelope().success(Raw(b"x")).body, b"x")
        answer = Envelope().success(accepted)
        self.assertEqual(answer.status, 202)
        self.assertIn((b"Location", b"/1.0/operations/id-1"), answer.headers)
        self.assertTrue(
            answer.body.startswith(
                b'{"type":"async","status":"Operation created","status_code":100,'
                b'"operation":"/1.0/operations/id-1","error_code":0,"error":"",'
            )
        )
