"""Who is refused what."""

from __future__ import annotations

from devlxd.errors import Forbidden, NotFound, NotInContainer, NotRoot
from tests.web.case import SurfaceCase


class RefusalTests(SurfaceCase):
    """Who is refused what, and in which order."""

    def test_unknown_path(self) -> None:
        """An unknown path is not found."""
        for target in ("/nope", "/size", "/size/", "/empty/", "/key/a/b", "/key/a/"):
            self.assert_refused(404, "Not Found\n", target)

    def test_unknown_path_first(self) -> None:
        """The router's answers come before it is looked at who asks, and how."""
        self.world.admission.unknown = NotInContainer()
        self.assert_refused(404, "Not Found\n", "/nope")
        self.assert_refused(404, "Not Found\n", "/nope", "FOO")
        self.assertEqual(self.ask("//nope").status, 301)

    def test_unknown_caller(self) -> None:
        """A caller must be known before the method matters."""
        self.world.admission.unknown = NotInContainer()
        self.world.admission.forbidden = Forbidden()
        for method in ("GET", "HEAD", "PUT", "FOO", "get"):
            response = self.ask("/", method)
            self.assertEqual((method, response.status), (method, 500))
        self.assert_refused(500, "Process ID not found in container\n")
        self.world.admission.unknown = NotRoot()
        self.assert_refused(401, "Access denied for non-root user\n")
        self.assert_refused(401, "Access denied for non-root user\n", method="PUT")

    def test_other_method(self) -> None:
        """A method without a handler is not implemented, whatever the caller may do."""
        self.world.admission.forbidden = Forbidden()
        for method in ("POST", "PUT", "DELETE"):
            self.assert_refused(501, "Not Implemented\n", method=method)
        self.assert_refused(501, "Not Implemented\n", "/empty", "PATCH")

    def test_strange_method(self) -> None:
        """A method that is none of REST's is not found; small letters make one."""
        self.world.admission.forbidden = Forbidden()
        for method in ("FOO", "OPTIONS", "TRACE", "get", "Patch", "!#$%&'*+-.^_`|~"):
            self.assert_refused(404, f'Method "{method}" not found\n', method=method)

    def test_forbidden(self) -> None:
        """A caller without the right is refused by the method that there is."""
        self.world.admission.forbidden = Forbidden()
        self.assert_refused(403, "Forbidden\n")
        self.assert_refused(403, "Forbidden\n", method="PATCH")
        self.assertEqual(self.world.begun, [])

    def test_handler(self) -> None:
        """A handler refuses with a text of its own, whatever it is made of."""
        self.assert_refused(500, "Half a pair: ?\n", "/refused")

    def test_silent(self) -> None:
        """A refusal leaves no trace in the log."""
        self.world.admission.unknown = NotFound()
        self.ask()
        self.assertEqual(self.flushLoggedErrors(), [])
