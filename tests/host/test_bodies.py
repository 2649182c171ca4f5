"""Documents in the bodies of requests."""

from __future__ import annotations

from collections.abc import Callable

from twisted.trial.unittest import SynchronousTestCase

from devlxd.errors import BadRequest
from devlxd.host.bodies import Body
from devlxd.host.patches import patched_config, patched_devices
from tests.host.talk import Talk


class BodyTests(SynchronousTestCase):
    """`Body` gives fields of the kind that was asked for, or refuses."""

    def test_present(self) -> None:
        """Fields are what they are."""
        body = Body(
            {
                "text": "x",
                "flag": True,
                "number": 7,
                "texts": ["a", "b"],
                "config": {"user.a": "1"},
                "devices": {"d": {"type": "disk"}},
                "within": {"text": "y"},
                "nothing": None,
            }
        )
        self.assertEqual(body.text("text"), "x")
        self.assertIs(body.flag("flag"), True)
        self.assertEqual(body.number("number"), 7)
        self.assertEqual(body.texts("texts"), ("a", "b"))
        self.assertEqual(body.config(), {"user.a": "1"})
        self.assertEqual(body.devices(), {"d": {"type": "disk"}})
        self.assertEqual(body.maps("devices"), {"d": {"type": "disk"}})
        self.assertEqual(body.within("within").text("text"), "y")
        self.assertTrue(body.has("text"))
        self.assertFalse(body.has("nothing"))

    def test_absent(self) -> None:
        """What is not there, or null, is empty."""
        for body in (Body({}), Body(dict.fromkeys(["x", "config", "devices"]))):
            self.assertEqual(body.text("x"), "")
            self.assertIs(body.flag("x"), False)
            self.assertEqual(body.number("x"), 0)
            self.assertEqual(body.texts("x"), ())
            self.assertEqual((body.config(), body.devices()), ({}, {}))
            self.assertEqual(body.within("x"), Body({}))
            self.assertFalse(body.has("x"))

    def test_wrong(self) -> None:
        """Everything else is refused, with the field's name."""
        bad = Body(
            {"x": object(), "truth": True, "mixed": ["a", 1], "devices": {"d": 1}}
        )
        asked: list[Callable[[], object]] = [
            lambda: bad.text("x"),
            lambda: bad.flag("x"),
            lambda: bad.number("x"),
            lambda: bad.number("truth"),
            lambda: bad.texts("x"),
            lambda: bad.texts("mixed"),
            lambda: bad.config("x"),
            lambda: bad.devices(),
            lambda: bad.maps("x"),
            lambda: bad.within("x"),
        ]
        for ask in asked:
            error = self.assertRaises(BadRequest, ask)
            self.assertTrue(str(error).startswith("Invalid "), error)

    def test_no_json(self) -> None:
        """What is no JSON at all, or nothing, is refused, too."""
        for sent in (b"", b" ", b"{", b"[" * 100_000, b"\xff"):
            head = (
                b"POST /1.0/profiles HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
            )
            response = Talk().connect().ask(head % len(sent) + sent)
            self.assertEqual(response.status, 400)
            self.assertIn(b'"error":"Invalid request body: ', response.body)


class PatchTests(SynchronousTestCase):
    """What ``PATCH`` makes of what there is."""

    def test_config(self) -> None:
        """Keys are set, and removed by ``null`` or an empty text."""
        old = {"user.a": "1", "user.b": "2", "user.c": "3"}
        changes = {"user.a": None, "user.b": "", "user.d": "4"}
        self.assertEqual(patched_config(old, changes), {"user.c": "3", "user.d": "4"})
        self.assertRaises(BadRequest, patched_config, old, {"user.a": 1})

    def test_devices(self) -> None:
        """Devices are replaced as a whole, and removed by ``null``."""
        old = {"a": {"type": "disk", "path": "/"}, "b": {"type": "nic"}}
        changes = {"a": {"type": "disk"}, "b": None, "c": {"type": "gpu"}}
        self.assertEqual(
            patched_devices(old, changes),
            {"a": {"type": "disk"}, "c": {"type": "gpu"}},
        )
        wrong: list[object] = [1, {"type": 1}, []]
        for bad in wrong:
            self.assertRaises(BadRequest, patched_devices, old, {"a": bad})
