"""Which routes answer which paths and methods."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from devlxd.errors import NotFound, NotImplementedHere, WrongMethod
from devlxd.web.interfaces import IRouting
from devlxd.web.paths import BadPath
from devlxd.web.routing import AnyReads, EachItsOwn


class RoutingTests(SynchronousTestCase):
    """The routings that there are."""

    def test_interface(self) -> None:
        """Each provides `IRouting`, and takes no path that is none."""
        for routing in (EachItsOwn(), AnyReads(), AnyReads(apart=("/a",))):
            verifyObject(IRouting, routing)
            for bad in (b"a", b"/%", b"/%zz"):
                self.assertRaises(BadPath, routing.read, bad)

    def test_each_its_own(self) -> None:
        """A route answers its method; other methods are told apart."""
        routing = EachItsOwn()
        for method in ("GET", "PATCH"):
            self.assertEqual(routing.answered(method, "/a"), (method,))
        self.assertTrue(routing.is_answered(b"GET"))
        self.assertFalse(routing.is_answered(b"get"))
        self.assertFalse(routing.opens_by_head())
        self.assertEqual(routing.read(b"/%61%2f"), b"/a%2F")
        self.assertIs(type(routing.refusal(b"PUT")), NotImplementedHere)
        unheard = routing.refusal(b"FOO")
        self.assertIs(type(unheard), NotFound)
        self.assertEqual(unheard.text, 'Method "FOO" not found')

    def test_any_reads(self) -> None:
        """What answers ``GET`` answers all, and nothing else answers anything."""
        routing = AnyReads()
        self.assertIs(routing.answered("GET", "/a"), None)
        self.assertEqual(routing.answered("PATCH", "/a"), ())
        self.assertTrue(routing.is_answered(b"get"))
        self.assertTrue(routing.opens_by_head())
        self.assertEqual(routing.read(b"/%61%2f"), b"/%61%2f")

    def test_apart(self) -> None:
        """At some paths methods are told apart all the same."""
        routing = AnyReads(apart=("/a",))
        self.assertEqual(routing.answered("GET", "/a"), ("GET",))
        self.assertEqual(routing.answered("PATCH", "/a"), ("PATCH",))
        self.assertIs(routing.answered("GET", "/b"), None)
        refusal = routing.refusal(b"PUT")
        self.assertIs(type(refusal), WrongMethod)
        self.assertEqual(refusal.text, 'method "PUT" not allowed')
