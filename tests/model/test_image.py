"""Tests of devlxd.model.image."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from devlxd.errors import InvalidData
from devlxd.model.image import Alias, Image, Part, extension_of
from devlxd.model.names import AliasName, ImageName

FINGERPRINT = "0123456789abcdef" * 4
NAME = ImageName("default", FINGERPRINT)


class ImageTests(SynchronousTestCase):
    """Tests of `Image` and `Alias`."""

    def test_size(self) -> None:
        """An image is as large as its files."""
        self.assertEqual(Image("default", FINGERPRINT, Part(3)).size, 3)
        self.assertEqual(Image("default", FINGERPRINT, Part(3), Part(4)).size, 7)

    def test_name(self) -> None:
        """An image is known by its project and fingerprint, which an alias leads to."""
        self.assertEqual(Image("default", FINGERPRINT, Part(3)).name, NAME)
        self.assertEqual(Alias(AliasName("default", "a"), FINGERPRINT).image, NAME)

    def test_refused(self) -> None:
        """Fingerprints are 64 digits, keys of properties printable, texts Unicode."""
        for fingerprint in ("", "0" * 63, FINGERPRINT.upper(), "../" + FINGERPRINT):
            self.assertRaises(InvalidData, Image, "default", fingerprint, Part(1))
            name = AliasName("default", "a")
            self.assertRaises(InvalidData, Alias, name, fingerprint)
        for key, value in (("", "x"), ("a\nb", "x"), ("a", "\ud800")):
            with self.assertRaises(InvalidData):
                Image("default", FINGERPRINT, Part(1), properties={key: value})

    def test_extension(self) -> None:
        """The first bytes of a file tell what it is."""
        tar = bytes(257) + b"ustar"
        for head, extension in (
            (b"BZh9", ".tar.bz2"),
            (b"\x1f\x8b\x08", ".tar.gz"),
            (b"\xfd7zXZ\0", ".tar.xz"),
            (b"\x5d\0\0\x80", ".tar.lzma"),
            (b"\x28\xb5\x2f\xfd", ".tar.zst"),
            (b"hsqs", ".squashfs"),
            (b"QFI\xfb", ".qcow2"),
            (tar, ".tar"),
            (tar[:-1], ""),
            (b"", ""),
        ):
            self.assertEqual(extension_of(head), extension)


class AliasNameTests(SynchronousTestCase):
    """Tests of `AliasName`."""

    def test_names(self) -> None:
        """Aliases are what people write, without blanks at the ends."""
        for name in ("a", "ubuntu/22.04/cloud", "é ü", "x" * 255):
            self.assertEqual(AliasName("default", name).name, name)
        for name in ("", " a", "a ", "a\nb", "\x1b[31m", "x" * 256, "\ud800"):
            self.assertRaises(InvalidData, AliasName, "default", name)
