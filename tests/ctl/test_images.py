"""Tests of ``devlxdctl`` and images, on the host itself."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from devlxd.client.documents import Malformed
from devlxd.client.progress import Progress
from devlxd.ctl.host import HostClient
from devlxd.ctl.hostimages import HostImages, alias_of, image_of
from devlxd.errors import Conflict
from tests.client.program import Outcome
from tests.client.sockets import directory
from tests.ctl.hosting import HostTestCase, _reactor, command
from tests.host.tarballs import METADATA, image, metadata, tarball
from tests.stores.imageparts import in_thread


class ImagesCase(HostTestCase):
    """A host that writes in threads, and a place for files."""

    def setUp(self) -> None:
        """Serve."""
        super().setUp()
        self.talk.images._run = in_thread
        self.place = Path(directory(self))
        self.file = self.written("image.tar.gz", image())
        self.fingerprint = hashlib.sha256(image()).hexdigest()

    def written(self, name: str, content: bytes) -> Path:
        """A file with some content."""
        path = self.place / name
        path.write_bytes(content)
        return path

    async def imported(self, *more: str) -> str:
        """What the command says when it imports the image."""
        return await self.said("image", "import", str(self.file), *more)


class ImageTests(ImagesCase):
    """Images, from their beginning to their end."""

    async def test_import(self) -> None:
        """An image of one file is sent; its fingerprint is printed."""
        said = await self.imported(
            *("--alias", "deb/12", "--alias", "b", "--public"),
            *("--property", "description=A text", "--property", "os=Else"),
        )
        self.assertEqual(said, f"{self.fingerprint}\n")
        document = await self.document("image", "show", "b")
        self.assertEqual(document["filename"], "image.tar.gz")
        self.assertTrue(document["public"])
        properties = {"description": "A text", "os": "Else", "release": "12"}
        self.assertEqual(document["properties"], properties)

    async def test_list(self) -> None:
        """Images are listed with what people want to know of them."""
        await self.imported("--alias", "b", "--alias", "a")
        size = len(image())
        self.assertEqual(
            await self.said("image", "list"),
            "NAME  FINGERPRINT   TYPE       SIZE   PUBLIC  DESCRIPTION\n"
            f"a, b  {self.fingerprint[:12]}  container  {size} B  no\n",
        )
        self.assertEqual(await self.said("image", "list", "--names"), "a\n")
        await self.said("image", "alias", "delete", "a")
        await self.said("image", "alias", "delete", "b")
        said = await self.said("image", "list", "--names", "--all-projects")
        self.assertEqual(said, f"{self.fingerprint[:12]}\n")

    async def test_show(self) -> None:
        """All that is known of an image is YAML, or JSON."""
        await self.imported()
        said = await self.said("image", "show", self.fingerprint[:9])
        self.assertIn("properties:\n  os: Debian\n  release: '12'\n", said)
        document = await self.document("image", "show", self.fingerprint)
        self.assertEqual(document["fingerprint"], self.fingerprint)

    async def test_split(self) -> None:
        """Two files are sent as a form; the second one tells what it is."""
        first = self.written("meta data.tar.xz", metadata())
        for content, kind in (
            (b"hsqs" + b"x" * 300_000, "container"),
            (b"QFI\xfb" + b"\r\n--" * 100_000, "virtual-machine"),
        ):
            second = self.written("root", content)
            said = await self.said("image", "import", str(first), str(second))
            digest = hashlib.sha256(metadata() + content).hexdigest()
            self.assertEqual(said, f"{digest}\n")
            document = await self.document("image", "show", digest)
            self.assertEqual(document["type"], kind)

    async def test_export(self) -> None:
        """An image is written to a file, or by its usual name into a directory."""
        await self.imported("--alias", "a")
        out = self.place / "out"
        said = await self.said("image", "export", "a", str(out))
        self.assertEqual(said, f"{out}\n")
        self.assertEqual(out.read_bytes(), image())
        document = await self.document("image", "export", "a", str(self.place))
        usual = self.place / f"{self.fingerprint}.tar.gz"
        self.assertEqual(document["files"], [str(usual)])
        self.assertEqual(usual.read_bytes(), image())

    async def test_unwritable(self) -> None:
        """Where it cannot be written, that is told."""
        await self.imported("--alias", "a")
        await self.failed(
            1,
            "cannot write /nowhere/out: No such file or directory",
            *("image", "export", "a", "/nowhere/out"),
        )

    async def test_delete(self) -> None:
        """Images go, by alias or fingerprint."""
        await self.imported("--alias", "a")
        other = self.written("other.tar", image(rootfs=b"other"))
        fingerprint = (await self.said("image", "import", str(other))).strip()
        await self.said("image", "delete", "a", fingerprint[:20])
        self.assertEqual(await self.document("image", "list"), [])

    async def test_project(self) -> None:
        """A project has its own images, everywhere."""
        await self.client.do("POST", "/1.0/projects", {"name": "lab"})
        await self.imported("--project", "lab", "--alias", "a")
        self.assertEqual(await self.said("image", "list", "--names"), "")
        lab = ("--project", "lab")
        self.assertEqual(await self.said(*lab, "image", "list", "--names"), "a\n")
        out = self.place / "out"
        await self.said(*lab, "image", "export", "a", str(out))
        self.assertEqual(out.read_bytes(), image())
        await self.said(*lab, "image", "delete", "a")

    async def test_create(self) -> None:
        """An instance is made from an image, by an alias."""
        body = tarball({"metadata.yaml": METADATA, "rootfs.img": b""})
        file = self.written("vm.tar", body)
        await self.said("image", "import", str(file), "--alias", "vm")
        await self.said("create", "v1", "--image", "vm", "-c", "user.a=1")
        document = await self.document("show", "v1")
        self.assertEqual(document["type"], "virtual-machine")
        self.assertEqual(document["config"]["image.os"], "Debian")
        self.assertEqual(document["config"]["user.a"], "1")

    async def test_aliases(self) -> None:
        """Aliases come, are listed, get other names, and go."""
        await self.imported()
        short = self.fingerprint[:12]
        create = ("image", "alias", "create", "a/b", short)
        await self.said(*create, "--description", "Text")
        await self.said("image", "alias", "rename", "a/b", "c")
        self.assertEqual(
            await self.said("image", "alias", "list"),
            f"NAME  FINGERPRINT   DESCRIPTION\nc     {short}  Text\n",
        )
        await self.said("image", "alias", "delete", "c")
        self.assertEqual(await self.document("image", "alias", "list"), [])


class FailureTests(ImagesCase):
    """What cannot be done."""

    async def test_unreadable(self) -> None:
        """A file that is not there is told of."""
        await self.failed(
            1,
            "cannot read /nowhere: No such file or directory",
            *("image", "import", "/nowhere"),
        )

    async def test_unknown(self) -> None:
        """What is not there is told with its name."""
        for words in ("show x", "delete x", "export x"):
            await self.failed(
                4,
                f"image {words}: Image not found",
                *("image", *words.split()),
            )

    async def test_taken(self) -> None:
        """An alias that is taken is told of before anything is sent."""
        await self.imported("--alias", "a")
        again = ("image", "import", str(self.file), "--alias", "a")
        complaint = "image import: Alias already exists: a"
        await self.failed(1, complaint, *again)

    async def test_refused(self) -> None:
        """What the host refuses is told in its words."""
        empty = self.written("empty.tar", tarball({"x": b""}))
        complaint = "image import: Metadata tarball is missing metadata.yaml"
        await self.failed(1, complaint, "image", "import", str(empty))

    async def test_late(self) -> None:
        """With --timeout, an import takes no longer than that."""
        sending = ("--timeout", "0.0001", "image", "import", str(self.file))
        outcome = await self.ctl(*sending)
        self.assertEqual((outcome.code, outcome.out), (6, b""))

    async def test_nobody(self) -> None:
        """Where there is no service, that is said."""
        there = ("image", "import", str(self.file), "--timeout", "9")
        outcome = await command("--socket", "/nowhere", *there)
        self.assertIsInstance(outcome, Outcome)
        self.assertEqual(outcome.code, 3)


class Screen(io.StringIO):
    """What is written to a terminal."""

    def isatty(self) -> bool:
        """It is one."""
        return True


class ClientTests(ImagesCase):
    """Tests of `HostImages`."""

    async def test_progress(self) -> None:
        """Who sits at a terminal sees how far it is."""
        screen, times = Screen(), iter(range(10**6))
        progress = Progress(screen, lambda: float(next(times)))
        images = HostImages(self.client)
        file = self.written("large.tar", tarball({"x": b"x" * 1_000_000}))
        with self.assertRaises(Exception) as caught:
            await images.send([file], progress, "")
        self.assertIn("metadata.yaml", str(caught.exception))
        self.assertIn("100%", screen.getvalue())
        self.assertTrue(screen.getvalue().endswith("\r\x1b[K"))

    async def test_conflict(self) -> None:
        """The same image again fails with `Conflict`."""
        progress = Progress(io.StringIO(), Clock().seconds)
        images = HostImages(HostClient.connect(_reactor, self.path))
        await images.send([self.file], progress, "")
        with self.assertRaises(Conflict):
            await images.send([self.file], progress, "")


class ShapeTests(SynchronousTestCase):
    """What a host may say."""

    def test_image(self) -> None:
        """A newer host may say more, and another one less."""
        told = image_of(
            json.loads(
                '{"fingerprint": "ab", "size": 1, "type": "container", "public": true,'
                ' "aliases": null, "properties": null, "new": 1}'
            )
        )
        self.assertEqual((told.aliases, told.properties, told.size), ((), {}, 1))

    def test_malformed(self) -> None:
        """What is of another shape is refused."""
        good = {"fingerprint": "ab", "size": 1, "type": "container", "public": True}
        self.assertEqual(image_of(good).called, "ab")
        for key, value in (
            ("size", "1"),
            ("size", True),
            ("fingerprint", None),
            ("public", 1),
            ("aliases", ["a"]),
            ("properties", "x"),
        ):
            self.assertRaises(Malformed, image_of, {**good, key: value})
        self.assertRaises(Malformed, image_of, [])
        self.assertRaises(Malformed, alias_of, {"name": "a"})
