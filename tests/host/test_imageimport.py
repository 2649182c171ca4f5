"""``POST /1.0/images``: what comes in, and what is made of it."""

from __future__ import annotations

import hashlib
import json

from twisted.trial.unittest import SynchronousTestCase

from devlxd.stores.imagedirectory import ImageLimits
from tests.host.talk import OpenDoor, Talk
from tests.host.tarballs import (
    FORM,
    METADATA,
    PATH,
    form,
    image,
    imported,
    metadata,
    posted,
    tarball,
)
from tests.stores.parts import Held

NAMELESS = "Missing Content-Disposition segment header"


class ImportCase(SynchronousTestCase):
    """A host without images."""

    def setUp(self) -> None:
        """Serve."""
        self.talk = Talk(limits=ImageLimits(100_000, 3))

    def assert_nothing(self) -> None:
        """There is no image, nor anything of one."""
        self.assertEqual(self.talk.get(PATH), [])
        self.assertEqual(list(self.talk.path.iterdir()), [])

    def refused(
        self, body: bytes, headers: dict[str, str] | None = None, query: str = ""
    ) -> tuple[int, str]:
        """The status and the text of a refusal."""
        envelope = posted(self.talk, body, headers, query)
        return envelope["error_code"], envelope.get("error", "")


class UnifiedTests(ImportCase):
    """Images of one file."""

    def test_import(self) -> None:
        """An image is known by its digest, and by what it says of itself."""
        body = image()
        fingerprint = hashlib.sha256(body).hexdigest()
        envelope = posted(self.talk, body, {"Content-Type": "application/octet-stream"})
        operation = envelope["metadata"]
        self.assertEqual(operation["description"], "Downloading image")
        self.assertEqual(operation["status_code"], 200)
        self.assertEqual(operation["resources"], {"images": [f"{PATH}/{fingerprint}"]})
        self.assertEqual(
            operation["metadata"], {"fingerprint": fingerprint, "size": str(len(body))}
        )
        self.assertEqual(
            self.talk.get(f"{PATH}/{fingerprint}"),
            {
                "auto_update": False,
                "properties": {"os": "Debian", "release": "12"},
                "public": False,
                "expires_at": "0001-01-01T00:00:00Z",
                "profiles": ["default"],
                "aliases": [],
                "architecture": "x86_64",
                "cached": False,
                "filename": "",
                "fingerprint": fingerprint,
                "size": len(body),
                "type": "container",
                "created_at": "2023-11-14T22:13:20Z",
                "last_used_at": "0001-01-01T00:00:00Z",
                "uploaded_at": "2026-01-02T03:04:05Z",
            },
        )

    def test_headers(self) -> None:
        """Headers say more, and count for more than the image's own words."""
        headers = {
            "X-LXD-filename": "image.tar.gz",
            "X-LXD-properties": "os=Else&empty=&text=a+b%26c",
            "X-LXD-public": "true",
        }
        told = self.talk.get(f"{PATH}/{imported(self.talk, image(), headers)}")
        self.assertEqual((told["filename"], told["public"]), ("image.tar.gz", True))
        properties = {"os": "Else", "empty": "", "text": "a b&c", "release": "12"}
        self.assertEqual(told["properties"], properties)

    def test_virtual_machine(self) -> None:
        """An archive with a disk in it is of a virtual machine."""
        body = tarball({"metadata.yaml": METADATA, "rootfs.img": b"QFI\xfb"})
        told = self.talk.get(f"{PATH}/{imported(self.talk, body)}")
        self.assertEqual(told["type"], "virtual-machine")

    def test_sealed(self) -> None:
        """What cannot be looked into is taken for the host's architecture."""
        for body in (b"hsqs...", b"\x28\xb5\x2f\xfd..."):
            told = self.talk.get(f"{PATH}/{imported(self.talk, body)}")
            self.assertEqual((told["architecture"], told["properties"]), ("x86_64", {}))

    def test_projects(self) -> None:
        """An image is one of the project that is named, which is there for it."""
        self.talk.succeed("POST", "/1.0/projects", {"name": "lab"})
        fingerprint = imported(self.talk, image(), query="?project=lab")
        url = f"{PATH}/{fingerprint}?project=lab"
        self.assertEqual(self.talk.get(f"{PATH}?project=lab"), [url])
        self.assertEqual(self.talk.get(PATH), [])
        self.assertIn(url, self.talk.get("/1.0/projects/lab")["used_by"])
        refused = self.talk.refusal("DELETE", "/1.0/projects/lab")
        self.assertEqual(refused, (400, "Only empty projects can be removed"))


class SplitTests(ImportCase):
    """Images of two files."""

    def test_import(self) -> None:
        """The digest is that of both files, and the field says what it is for."""
        for field, kind in (
            ("rootfs", "container"),
            ("rootfs.img", "virtual-machine"),
        ):
            root = field.encode()
            body = form(("metadata", metadata()), (field, root)) + b"trailing"
            fingerprint = imported(self.talk, body, FORM)
            digest = hashlib.sha256(metadata() + root).hexdigest()
            self.assertEqual(fingerprint, digest)
            told = self.talk.get(f"{PATH}/{fingerprint}")
            self.assertEqual(told["type"], kind)
            self.assertEqual(told["size"], len(metadata() + root))

    def test_pieces(self) -> None:
        """It may come byte by byte, with much behind its end."""
        body = form(("metadata", metadata()), ("rootfs", b"\r\n--X\r\n-")) + b"y" * 999
        wire = self.talk.connect()
        head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
        wire.send(f"{head}Content-Type: {FORM['Content-Type']}\r\n\r\n".encode())
        for place in range(len(body)):
            wire.send(body[place : place + 1])
        [response] = wire.responses()
        digest = hashlib.sha256(metadata() + b"\r\n--X\r\n-").hexdigest()
        told = json.loads(response.body)["metadata"]["metadata"]
        self.assertEqual(told["fingerprint"], digest)

    def test_refused(self) -> None:
        """Forms that are no image are refused, and nothing is left."""
        first, second = ("metadata", metadata()), ("rootfs", b"root")
        for body, text in (
            (form(second, first), "the metadata come first"),
            (form(first), "two files were due"),
            (form(), "two files were due"),
            (form(first, second, second), "unknown field 'rootfs'"),
            (form(first, ("x", b"")), "unknown field 'x'"),
            (form(first, second, end=b"\r\n"), "two files were due"),
            (b"--XX\r\nContent-Type: x\r\n\r\nx\r\n--XX--\r\n", NAMELESS),
            (b"x" * 99_000, "two files were due"),
        ):
            status, told = self.refused(body, FORM)
            self.assertEqual(status, 400, body[:99])
            self.assertTrue(told.startswith("Invalid multipart image"), told)
            self.assertTrue(told.endswith(text), told)
            self.assert_nothing()
        status, told = self.refused(b"x", {"Content-Type": "multipart/form-data"})
        self.assertEqual((status, told), (400, "Invalid multipart image: no boundary"))


class RefusalTests(ImportCase):
    """What is not taken."""

    def test_again(self) -> None:
        """The same image is taken once."""
        imported(self.talk, image())
        text = "Image with same fingerprint already exists"
        self.assertEqual(self.refused(image()), (409, text))

    def test_fingerprint(self) -> None:
        """An image that is not the expected one is refused."""
        body = image()
        found = hashlib.sha256(body).hexdigest()
        status, text = self.refused(body, {"X-LXD-fingerprint": "0" * 64})
        self.assertEqual(status, 400)
        expected = f"fingerprints don't match, got {found} expected {'0' * 64}"
        self.assertEqual(text, expected)
        self.assert_nothing()
        self.assertEqual(imported(self.talk, body, {"X-LXD-fingerprint": found}), found)

    def test_documents(self) -> None:
        """A document that says where an image is to be got is told that this is not
        done here."""
        body = b' {"source": {"type": "image"}}'
        for headers in ({}, {"Content-Type": "application/json"}):
            status, text = self.refused(body, headers)
            self.assertEqual(status, 400)
            self.assertTrue(text.startswith("Images come as files here"), text)
        self.assertEqual(self.refused(b"")[0], 400)
        self.assert_nothing()

    def test_empty(self) -> None:
        """Chunks that hold nothing are no image."""
        wire = self.talk.connect()
        head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        response = wire.ask(head.encode() + b"0\r\n\r\n")
        self.assertEqual(json.loads(response.body)["error"], "The image is empty")
        self.assert_nothing()

    def test_no_metadata(self) -> None:
        """An archive that says nothing of itself is refused."""
        status, text = self.refused(tarball({"rootfs/x": b""}))
        expected = (400, "Metadata tarball is missing metadata.yaml")
        self.assertEqual((status, text), expected)
        self.assert_nothing()

    def test_properties(self) -> None:
        """Properties that cannot be are refused."""
        headers = {"X-LXD-properties": "a%0Ab=c"}
        self.assertEqual(
            self.refused(image(), headers), (400, "Invalid image property 'a\\nb'")
        )
        self.assert_nothing()

    def test_too_large(self) -> None:
        """Too large an image is refused, before it comes if its length is known."""
        text = "An image may have 100000 bytes at the most"
        self.assertEqual(self.refused(b"x" * 100_001), (413, text))
        wire = self.talk.connect()
        head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        chunk = b"186a1\r\n" + b"x" * 100_001 + b"\r\n0\r\n\r\n"
        response = wire.ask(head.encode() + chunk)
        self.assertEqual(json.loads(response.body)["error"], text)
        self.assert_nothing()

    def test_too_many(self) -> None:
        """There are so many images, and no more."""
        for number in range(3):
            imported(self.talk, image(rootfs=b"%d" % number))
        text = "There may be 3 images at the most"
        self.assertEqual(self.refused(image()), (400, text))

    def test_forbidden(self) -> None:
        """Who may not manage the host is told so before anything is read."""
        talk = Talk(OpenDoor(trusts=False))
        self.assertEqual(posted(talk, image())["error"], "Forbidden")
        self.assertEqual(list(talk.path.iterdir()), [])

    def test_no_project(self) -> None:
        """In a project that is not there nothing can be put."""
        refused = self.refused(image(), query="?project=nope")
        self.assertEqual(refused, (404, "Project not found"))


class PaceTests(SynchronousTestCase):
    """What happens while the disk, or the peer, is slow."""

    def setUp(self) -> None:
        """Serve, with a disk that works when it is told to."""
        self.disk = Held()
        self.talk = Talk(run=self.disk, limits=ImageLimits(50_000_000))

    def test_slow_disk(self) -> None:
        """No more is read than a few batches while the disk is at work."""
        body = tarball({"metadata.yaml": METADATA, "rootfs/x": b"x" * 10_000_000})
        wire = self.talk.connect()
        head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
        wire.send(head.encode() + body)
        self.assertGreater(wire.unread, 6_000_000)
        while self.disk.work:
            self.disk.release()
            wire.go_on()
        [response] = wire.responses()
        self.assertEqual(response.status, 202)
        self.assertEqual(len(self.talk.get(PATH)), 1)

    def test_full_disk(self) -> None:
        """When the disk takes no more, the upload ends there."""
        wire = self.talk.connect()
        head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 40000000\r\n\r\n"
        wire.send(head.encode() + b"BZ" + b"x" * 8_000_000)
        (upload,) = self.talk.images._uploads
        upload._most = 1_000_000
        while self.disk.work:
            self.disk.release()
            wire.go_on()
        [response] = wire.responses()
        self.assertEqual(response.status, 413)
        self.assertEqual(list(self.talk.path.iterdir()), [])

    def test_full_disk_at_the_end(self) -> None:
        """So it does when everything has come already."""
        wire = self.talk.connect()
        head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n"
        wire.send(head.encode() + b"hsqs")
        (upload,) = self.talk.images._uploads
        upload._incoming.directory.rename(self.talk.path / "elsewhere")
        while self.disk.work:
            self.disk.release()
            wire.go_on()
        [response] = wire.responses()
        self.assertEqual(response.status, 500)
        self.assertIn(b"Failed saving the image: No such file", response.body)
        self.assertEqual(len(self.flushLoggedErrors(FileNotFoundError)), 1)

    def test_vanished(self) -> None:
        """When the peer goes away, nothing stays of what it has sent."""
        wire = self.talk.connect()
        head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 40000000\r\n\r\n"
        wire.send(head.encode() + b"x" * 5_000_000)
        self.assertEqual(len(list(self.talk.path.iterdir())), 1)
        wire.vanish()
        while self.disk.work:
            self.disk.release()
        self.assertEqual(list(self.talk.path.iterdir()), [])
