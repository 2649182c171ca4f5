"""Debian's ``lxc`` manages images."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tests.host import tarballs
from tests.peers.lxc import LxcTestCase

_EDITED = """\
auto_update: false
properties:
  os: Edited
public: true
"""


class LxcImagesTests(LxcTestCase):
    """What it does with images."""

    def file(self, name: str, content: bytes) -> Path:
        """A file with some content."""
        path = self.service.directory / name
        path.write_bytes(content)
        return path

    def imported(self, *files: Path, more: str = "") -> str:
        """The fingerprint of an image that was imported."""
        names = " ".join(map(str, files))
        out = self.lxc_does(f"image import {names} {more}")
        whole = b"".join(file.read_bytes() for file in files)
        fingerprint = hashlib.sha256(whole).hexdigest()
        # It may have drawn a bar before.
        said = f"Image imported with fingerprint: {fingerprint}\n"
        self.assertTrue(out.endswith(said), out)
        return fingerprint

    def test_unified(self) -> None:
        """An image of one file comes, is told of, and goes to the byte as it was."""
        file = self.file("image.tar.gz", tarballs.image())
        fingerprint = self.imported(file, more="--alias deb/12 --public os=Else")
        row = f"deb/12,{fingerprint[:12]},yes,,x86_64,CONTAINER,0.00MB,"
        listed = self.lxc_does("image list os=Else --format csv")
        self.assertTrue(listed.startswith(row), listed)
        info = self.lxc_does("image info deb/12")
        for line in (
            f"Fingerprint: {fingerprint}",
            "Created: 2023/11/14 22:13 UTC",
            "Expires: never",
            "Last used: never",
            "os: Else",
            "- deb/12",
        ):
            self.assertIn(line, info)
        self.lxc_does(f"image export {fingerprint[:12]} {self.service.directory}/out")
        out = self.service.directory / "out.tar.gz"
        self.assertEqual(out.read_bytes(), file.read_bytes())
        self.lxc_says(("image delete deb/12", ""))
        self.lxc_says(("image list --format csv", ""))
        self.assertEqual(list((self.service.state / "images").iterdir()), [])

    def test_split(self) -> None:
        """So does one of two files, be it for a virtual machine."""
        metadata = self.file("meta.tar.xz", tarballs.metadata())
        for name, content, kind in (
            ("root.squashfs", b"hsqs" + b"\r\n--" * 50_000, "CONTAINER"),
            ("disk.qcow2", b"QFI\xfb" + b"\r\n--" * 50_000, "VIRTUAL-MACHINE"),
        ):
            root = self.file(name, content)
            fingerprint = self.imported(metadata, root)
            listed = self.lxc_does(f"image list {fingerprint} --format csv -c t")
            self.assertEqual(listed, f"{kind}\n")
            out = self.service.directory / "out"
            self.lxc_does(f"image export {fingerprint} {out}")
            exported = {file.read_bytes() for file in out.parent.glob("out*")}
            exported |= {
                file.read_bytes() for file in self.service.directory.glob("meta-out*")
            }
            for file in (metadata, root):
                self.assertIn(file.read_bytes(), exported)
            self.lxc_does(f"image delete {fingerprint}")

    def test_refused(self) -> None:
        """What cannot be is refused, and the reason is told."""
        file = self.file("image.tar.gz", tarballs.image())
        fingerprint = self.imported(file)
        self.lxc_fails(f"image import {file}", "Image with same fingerprint")
        empty = self.file("empty.tar", tarballs.tarball({"x": b""}))
        self.lxc_fails(f"image import {empty}", "is missing metadata.yaml")
        self.lxc_fails("image info nope", "Image not found")
        self.lxc_fails(f"init {fingerprint} v1 --vm", "image is of type container")

    def test_aliases(self) -> None:
        """Aliases come, are told of, renamed, and go."""
        fingerprint = self.imported(self.file("a.tar.gz", tarballs.image()))
        listed = f"two,{fingerprint[:12]},CONTAINER,\n"
        self.lxc_says(
            (f"image alias create one {fingerprint}", ""),
            ("image alias rename one two", ""),
            ("image alias list --format csv", listed),
            ("image alias delete two", ""),
            ("image alias list --format csv", ""),
        )

    def test_change(self) -> None:
        """Properties are set and unset, and all of it edited."""
        self.imported(self.file("a.tar.gz", tarballs.image()), more="--alias a")
        self.lxc_says(
            ("image set-property a color red", ""),
            ("image get-property a color", "red\n"),
            ("image unset-property a color", ""),
        )
        self.lxc_fails("image get-property a color", "Property not found")
        self.lxc_does("image edit a", given=_EDITED)
        shown = self.lxc_does("image show a")
        self.assertIn("properties:\n  os: Edited\npublic: true\n", shown)

    def test_init(self) -> None:
        """An instance is made from an image, and says so."""
        file = self.file("a.tar.gz", tarballs.image())
        fingerprint = self.imported(file, more="--alias a")
        self.lxc_does("init a c1", f"init {fingerprint[:12]} c2")
        for name in ("c1", "c2"):
            self.lxc_says(
                (f"config get {name} image.release", "12\n"),
                (f"config get {name} volatile.base_image", f"{fingerprint}\n"),
            )
        self.assertNotIn("Last used: never", self.lxc_does("image info a"))
