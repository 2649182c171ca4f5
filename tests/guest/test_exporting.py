"""Which images guests may fetch, by server."""

from __future__ import annotations

from attrs import evolve

from devlxd.errors import NotFound
from devlxd.guest.exporting import Exporting
from tests.guest.test_images import ImagesCase

_LIBERAL = Exporting(takes_beginnings=True)


class ExportingTests(ImagesCase):
    """`Exporting` is a rule by which images are chosen."""

    def assert_missing(self, rule: Exporting, project: str, fingerprint: str) -> str:
        """There is no such image by a rule; what is told of it."""
        with self.assertRaises(NotFound) as caught:
            rule.chosen(self.guest.images, project, fingerprint)
        return str(caught.exception)

    def test_switch(self) -> None:
        """An instance may have images if the key of its server says so."""
        rule = Exporting("security.guestapi.images")
        self.assertTrue(rule.is_allowed({"security.guestapi.images": "true"}))
        for config in ({}, {"security.devlxd.images": "true"}):
            self.assertFalse(rule.is_allowed(config))

    def test_beginning(self) -> None:
        """The beginning of a fingerprint does, in any letter case, if one says so."""
        image = self.keep()
        beginning = image.fingerprint[:9]
        for text in (beginning, beginning.upper(), image.fingerprint):
            self.assertEqual(_LIBERAL.chosen(self.guest.images, "", text), image)
        self.assert_missing(Exporting(), "", beginning)
        self.assert_missing(_LIBERAL, "", "")
        self.assert_missing(_LIBERAL, "", "x")

    def test_several(self) -> None:
        """A beginning of several is one of none; other projects do not count."""
        first = self.keep(b"1")
        second, number = self.keep(b"2"), 3
        while second.fingerprint[0] != first.fingerprint[0]:
            second, number = self.keep(b"%d" % number), number + 1
        self.assert_missing(_LIBERAL, "", first.fingerprint[0])
        self.keep(b"1", project="lab")
        chosen = _LIBERAL.chosen(self.guest.images, "default", first.fingerprint[:9])
        self.assertEqual(chosen, first)

    def test_text(self) -> None:
        """What is told of what is not to be had is the server's, with or without it."""
        rule = Exporting(missing="Image %s not found", elsewhere="nowhere")
        image = self.keep(public=False)
        quoted = f'Image "{image.fingerprint}" not found'
        self.assertEqual(self.assert_missing(rule, "", image.fingerprint), quoted)
        self.assertEqual(self.assert_missing(rule, "", "x"), 'Image "x" not found')
        self.assertEqual(self.assert_missing(rule, "lab", image.fingerprint), "nowhere")
        plain = evolve(rule, missing=NotFound.default)
        self.assertEqual(self.assert_missing(plain, "", "x"), "Not Found")
