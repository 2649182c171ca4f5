"""Faults, and callers that are gone."""

from __future__ import annotations

from twisted.internet.error import ConnectionLost

from devlxd.errors import Forbidden, Refusal
from tests.web.case import SurfaceCase, request
from tests.web.world import PRIVATE


class FaultTests(SurfaceCase):
    """Faults of our own."""

    def assert_fault(
        self, kind: type[Exception], target: str = "/", method: str = "GET"
    ) -> None:
        """A fault is one 500 that tells nothing, and one failure in the log."""
        self.assert_refused(500, "Internal Server Error\n", target, method)
        self.assertEqual(len(self.flushLoggedErrors(kind)), 1)
        self.assertEqual(self.flushWarnings(), [])
        self.assertNotIn(PRIVATE.encode(), self.wire.received)

    def test_handler(self) -> None:
        """A handler fails at once."""
        self.assert_fault(ValueError, "/broken")
        self.assertEqual(self.ask().status, 200)

    def test_later(self) -> None:
        """A handler fails later."""
        self.wire.send(request("/slow"))
        self.world.answer(ValueError(PRIVATE))
        [response] = self.wire.responses()
        self.assertEqual(response.body, b"Internal Server Error\n")
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)

    def test_later_refusal(self) -> None:
        """A handler refuses later."""
        self.wire.send(request("/slow"))
        self.world.answer(Forbidden())
        [response] = self.wire.responses()
        self.assertEqual((response.status, response.body), (403, b"Forbidden\n"))

    def test_form(self) -> None:
        """A reply has no form."""
        self.assert_fault(TypeError, "/unprintable")

    def test_admission(self) -> None:
        """The admission fails."""
        self.world.admission.forbidden = ValueError(PRIVATE)
        self.assert_fault(ValueError)

    def test_identity(self) -> None:
        """The caller cannot be told, because of a fault of ours."""
        self.world.admission.unknown = ValueError(PRIVATE)
        for method in ("GET", "PUT", "FOO", "get"):
            self.assert_fault(ValueError, method=method)

    def test_outside(self) -> None:
        """Something fails before the surface is reached."""
        self.world.site.resource = None
        self.assert_fault(AttributeError)


class GoneTests(SurfaceCase):
    """Callers who do not wait for their answer."""

    def test_gone(self) -> None:
        """What was asked for is done to its end, for nobody."""
        self.wire.send(request("/slow"))
        [working] = self.world.slow
        self.wire.vanish()
        ended: list[object] = []
        working.addCallback(ended.append)
        self.world.answer()
        self.assertEqual(ended, [None])
        self.assertEqual(self.wire.end, ConnectionLost)
        self.assertEqual(self.wire.received, b"")

    def test_gone_before_fault(self) -> None:
        """A fault is logged once, also when nobody waits for the answer."""
        self.wire.send(request("/slow"))
        self.wire.vanish()
        self.world.answer(ValueError(PRIVATE))
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)

    def test_gone_before_refusal(self) -> None:
        """A refusal that nobody waits for is lost."""
        self.wire.send(request("/slow"))
        self.wire.vanish()
        self.world.answer(Refusal())
        self.assertEqual(self.world.connect().ask(request()).status, 200)

    def test_gone_within_request(self) -> None:
        """A request that is not complete has reached nobody."""
        for cut in range(len(request("/", "PATCH", b"body"))):
            wire = self.world.connect()
            wire.send(request("/", "PATCH", b"body")[:cut])
            wire.vanish()
        self.assertEqual(self.world.begun, [])
        self.assertEqual(len(self.world.door.inside), 1)
