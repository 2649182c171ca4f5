"""Debian's ``lxc`` manages images."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tests.host import tarballs
from tests.peers.lxc import LxcCase

_EDITED = """\
auto_update: false
properties:
  os: Edited
public: true
"""


class LxcImagesTests(LxcCase):
    """What it does with images."""

    def file(self, name: str, content: bytes) -> Path:
        """A file with some content."""
        path = self.home / name
        path.write_bytes(content)
        return path

    async def imported(self, *files: Path, more: str = "") -> str:
        """The fingerprint of an image that was imported."""
        names = " ".join(map(str, files))
        outcome = await self.run_lxc(f"image import {names} {more}")
        whole = b"".join(file.read_bytes() for file in files)
        fingerprint = hashlib.sha256(whole).hexdigest()
        said = f"Image imported with fingerprint: {fingerprint}\n"
        self.assertEqual(outcome.code, 0, outcome.err)
        # It may have drawn a bar before.
        self.assertTrue(outcome.out.endswith(said), outcome.out)
        return fingerprint

    async def test_unified(self) -> None:
        """An image of one file comes, is told of, and goes to the byte as it was."""
        file = self.file("image.tar.gz", tarballs.image())
        fingerprint = await self.imported(file, more="--alias deb/12 --public os=Else")
        row = f"deb/12,{fingerprint[:12]},yes,,x86_64,CONTAINER,0.00MB,"
        listed = await self.run_lxc("image list os=Else --format csv")
        self.assertTrue(listed.out.startswith(row), listed)
        info = (await self.run_lxc("image info deb/12")).out
        for line in (
            f"Fingerprint: {fingerprint}",
            "Created: 2023/11/14 22:13 UTC",
            "Expires: never",
            "Last used: never",
            "os: Else",
            "- deb/12",
        ):
            self.assertIn(line, info)
        await self.lxc_does(f"image export {fingerprint[:12]} {self.home}/out")
        out = self.home / "out.tar.gz"
        self.assertEqual(out.read_bytes(), file.read_bytes())
        await self.lxc_says(("image delete deb/12", ""))
        await self.lxc_says(("image list --format csv", ""))
        self.assertEqual(list(self.talk.path.iterdir()), [])

    async def test_split(self) -> None:
        """So does one of two files, be it for a virtual machine."""
        metadata = self.file("meta.tar.xz", tarballs.metadata())
        for name, content, kind in (
            ("root.squashfs", b"hsqs" + b"\r\n--" * 50_000, "CONTAINER"),
            ("disk.qcow2", b"QFI\xfb" + b"\r\n--" * 50_000, "VIRTUAL-MACHINE"),
        ):
            root = self.file(name, content)
            fingerprint = await self.imported(metadata, root)
            listed = await self.run_lxc(f"image list {fingerprint} --format csv -c t")
            self.assertEqual(listed.out, f"{kind}\n")
            out = self.home / "out"
            await self.lxc_does(f"image export {fingerprint} {out}")
            exported = {file.read_bytes() for file in out.parent.glob("out*")}
            exported |= {file.read_bytes() for file in self.home.glob("meta-out*")}
            for file in (metadata, root):
                self.assertIn(file.read_bytes(), exported)
            await self.lxc_does(f"image delete {fingerprint}")

    async def test_refused(self) -> None:
        """What cannot be is refused, and the reason is told."""
        file = self.file("image.tar.gz", tarballs.image())
        fingerprint = await self.imported(file)
        await self.lxc_fails(f"image import {file}", "Image with same fingerprint")
        empty = self.file("empty.tar", tarballs.tarball({"x": b""}))
        await self.lxc_fails(f"image import {empty}", "is missing metadata.yaml")
        await self.lxc_fails("image info nope", "Image not found")
        await self.lxc_fails(
            f"init {fingerprint} v1 --vm", "image is of type container"
        )

    async def test_aliases(self) -> None:
        """Aliases come, are told of, renamed, and go."""
        fingerprint = await self.imported(self.file("a.tar.gz", tarballs.image()))
        listed = f"two,{fingerprint[:12]},CONTAINER,\n"
        await self.lxc_says(
            (f"image alias create one {fingerprint}", ""),
            ("image alias rename one two", ""),
            ("image alias list --format csv", listed),
            ("image alias delete two", ""),
            ("image alias list --format csv", ""),
        )

    async def test_change(self) -> None:
        """Properties are set and unset, and all of it edited."""
        await self.imported(self.file("a.tar.gz", tarballs.image()), more="--alias a")
        await self.lxc_says(
            ("image set-property a color red", ""),
            ("image get-property a color", "red\n"),
            ("image unset-property a color", ""),
        )
        await self.lxc_fails("image get-property a color", "Property not found")
        outcome = await self.run_lxc("image edit a", _EDITED)
        self.assertEqual((outcome.code, outcome.err), (0, ""))
        shown = (await self.run_lxc("image show a")).out
        self.assertIn("properties:\n  os: Edited\npublic: true\n", shown)

    async def test_init(self) -> None:
        """An instance is made from an image, and says so."""
        file = self.file("a.tar.gz", tarballs.image())
        fingerprint = await self.imported(file, more="--alias a")
        await self.lxc_does("init a c1", f"init {fingerprint[:12]} c2")
        for name in ("c1", "c2"):
            await self.lxc_says(
                (f"config get {name} image.release", "12\n"),
                (f"config get {name} volatile.base_image", f"{fingerprint}\n"),
            )
        info = (await self.run_lxc("image info a")).out
        self.assertIn("Last used: 2026/01/02 03:04 UTC", info)
