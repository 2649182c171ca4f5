"""Tests of the host's images, as guests fetch them."""

from __future__ import annotations

import hashlib
import json
from email import message_from_bytes
from pathlib import Path

from attrs import evolve
from twisted.logger import capturedLogs
from twisted.trial.unittest import SynchronousTestCase

from devlxd.identity.assumed import Assumed
from devlxd.model.image import Image
from devlxd.model.instance import Instance, InstanceType
from devlxd.model.names import ImageName
from tests.guest.conversation import C1, Conversation

TARBALL = b"\xfd7zXZ\0 the metadata"
ROOT = b"hsqs the root"
ALLOWED = {"security.devlxd.images": "true"}


class ImagesCase(SynchronousTestCase):
    """Everybody is the instance `C1`, which may have images."""

    def setUp(self) -> None:
        """A service with a directory for images."""
        self.path = Path(self.mktemp())
        self.guest = Conversation(Assumed(C1), images_at=self.path)
        self.guest.images.prepare()
        self.guest.create(Instance(C1, config=ALLOWED, profiles=()))

    def configure(self, **config: str) -> None:
        """Change the config of `C1`, of which dots are underscores here."""
        config = {key.replace("_", "."): value for key, value in config.items()}
        self.guest.change(lambda instance: evolve(instance, config=config))

    def keep(
        self,
        root: bytes = b"",
        *,
        project: str = "default",
        public: bool = True,
        cached: bool = False,
        type: InstanceType = InstanceType.CONTAINER,
    ) -> Image:
        """Have an image, of one file or of two."""
        upload = self.guest.images.begin(project)
        self.successResultOf(upload.write(TARBALL))
        if root:
            self.successResultOf(upload.write(root, rootfs=True))
        content = upload.content
        image = Image(
            project,
            content.fingerprint,
            content.metadata,
            content.rootfs,
            public=public,
            cached=cached,
            type=type,
        )
        return self.successResultOf(upload.keep(image))

    def path_of(self, image: Image) -> str:
        """Where an image is fetched."""
        return f"/1.0/images/{image.fingerprint}/export"

    def assert_refused(self, path: str, status: int, text: str) -> None:
        """The answer is this refusal, in the form of the operators' API."""
        response = self.guest.ask(path)
        document = {
            "type": "error",
            "status": "",
            "status_code": 0,
            "operation": "",
            "error_code": status,
            "error": text,
            "metadata": None,
        }
        self.assertEqual(response.status, status)
        self.assertEqual(response.headers["Content-Type"], "application/json")
        expected = json.dumps(document, separators=(",", ":")) + "\n\n"
        self.assertEqual(response.body.decode(), expected)


class UnifiedTests(ImagesCase):
    """Images of one file."""

    def test_file(self) -> None:
        """The file comes byte for byte, with the name that LXD gives to it."""
        image = self.keep()
        response = self.guest.ask(self.path_of(image))
        self.assertEqual((response.status, response.body), (200, TARBALL))
        self.assertEqual(hashlib.sha256(response.body).hexdigest(), image.fingerprint)
        self.assertEqual(
            response.headers["Content-Disposition"],
            f"inline;filename={image.fingerprint}.tar.xz",
        )

    def test_headers(self) -> None:
        """It has the headers that LXD sends, and no others."""
        headers = self.guest.ask(self.path_of(self.keep())).headers
        self.assertEqual(
            sorted(headers),
            [
                "Accept-Ranges",
                "Content-Disposition",
                "Content-Length",
                "Content-Type",
                "Date",
                "Last-Modified",
            ],
        )

    def test_range(self) -> None:
        """A part of it may be had."""
        headers = {"Range": "bytes=3-"}
        response = self.guest.ask(self.path_of(self.keep()), headers=headers)
        self.assertEqual((response.status, response.body), (206, TARBALL[3:]))

    def test_cached(self) -> None:
        """An image that the host has fetched itself is to be had, too."""
        image = self.keep(public=False, cached=True)
        self.assertEqual(self.guest.ask(self.path_of(image)).status, 200)

    def test_project(self) -> None:
        """The project may be named."""
        path = self.path_of(self.keep())
        for query in ("?project=default", "?project=", "?x=1"):
            self.assertEqual(self.guest.ask(path + query).status, 200)

    def test_told(self) -> None:
        """Each time that it is fetched is told; a ``HEAD`` fetches nothing."""
        image = self.keep()
        for method in ("GET", "HEAD", "GET"):
            self.assertEqual(self.guest.ask(self.path_of(image), method).status, 200)
        name = ImageName("default", image.fingerprint)
        self.assertEqual(self.guest.retrieved, [name] * 2)


class SplitTests(ImagesCase):
    """Images of two files."""

    def parts(self, image: Image) -> list[tuple[str, str | None, bytes]]:
        """The field, the file name and the content of each part."""
        response = self.guest.ask(self.path_of(image))
        head = f"Content-Type: {response.headers['Content-Type']}\r\n\r\n".encode()
        message = message_from_bytes(head + response.body)
        found = []
        for part in message.walk():
            if not part.is_multipart():
                name = part.get_param("name", header="Content-Disposition")
                content = part.get_payload(decode=True)
                assert isinstance(content, bytes)
                found.append((str(name), part.get_filename(), content))
        return found

    def test_files(self) -> None:
        """Both come as a form, with the names that LXD gives to them."""
        image = self.keep(ROOT)
        name = image.fingerprint
        self.assertEqual(
            self.parts(image),
            [
                ("metadata", f"meta-{name}.tar.xz", TARBALL),
                ("rootfs", f"{name}.squashfs", ROOT),
            ],
        )
        whole = hashlib.sha256(TARBALL + ROOT)
        self.assertEqual(whole.hexdigest(), image.fingerprint)

    def test_virtual_machine(self) -> None:
        """The disk of a VM's image has another field."""
        image = self.keep(b"QFI\xfb the disk", type=InstanceType.VIRTUAL_MACHINE)
        _, second = self.parts(image)
        self.assertEqual(second[:2], ("rootfs.img", f"{image.fingerprint}.qcow2"))


class GateTests(ImagesCase):
    """Who may have which image."""

    def test_not_allowed(self) -> None:
        """Without the instance's key there are none, be they there or not."""
        paths = [self.path_of(self.keep()), "/1.0/images/x/export"]
        for value in ("false", "", "0"):
            self.configure(security_devlxd_images=value)
            for path in paths:
                self.assert_refused(path, 403, "Forbidden")
        self.configure(user_foo="x")
        self.assert_refused(paths[0], 403, "Forbidden")

    def test_changed(self) -> None:
        """A change of the key counts from the next request on."""
        path = self.path_of(self.keep())
        self.configure(security_devlxd_images="off")
        self.assert_refused(path, 403, "Forbidden")
        self.configure(security_devlxd_images="on")
        self.assertEqual(self.guest.ask(path).status, 200)

    def test_no_api(self) -> None:
        """Where the whole API is switched off, so is this."""
        image = self.keep()
        self.configure(security_devlxd_images="true", security_devlxd="false")
        self.assertEqual(self.guest.ask(self.path_of(image)).status, 403)

    def test_unknown(self) -> None:
        """What is no image, and what is none for guests, look the same."""
        hidden = self.keep(ROOT, public=False)
        other = self.keep(ROOT + b"!", project="other")
        known = self.keep()
        for path in (
            self.path_of(hidden),
            self.path_of(other),
            f"{self.path_of(other)}?project=other",
            f"{self.path_of(known)}?project=other",
            f"{self.path_of(known)}?project=%FF",
            f"{self.path_of(known)}?project=other&project=default",
            f"/1.0/images/{known.fingerprint[:63]}/export",
            f"/1.0/images/{known.fingerprint.upper()}/export",
            "/1.0/images/%25/export",
            "/1.0/images/%FF/export",
            "/1.0/images/..%2F..%2Fx/export",
            f"/1.0/images/{'0' * 64}/export",
        ):
            self.assert_refused(path, 404, "Not Found")
        self.assertEqual(self.guest.retrieved, [])

    def test_other_paths(self) -> None:
        """There is no list of images, and nothing to be changed."""
        image = self.keep()
        self.assertEqual(self.guest.ask("/1.0/images").status, 404)
        self.assertEqual(self.guest.ask(f"/1.0/images/{image.fingerprint}").status, 404)
        self.assertEqual(self.guest.ask(self.path_of(image), "DELETE").status, 501)

    def test_files_gone(self) -> None:
        """An image whose files are gone is none."""
        image = self.keep()
        for path in self.path.rglob("metadata"):
            path.unlink()
        self.assert_refused(self.path_of(image), 404, "Not Found")

    def test_unreadable(self) -> None:
        """One that cannot be read is a fault of ours, which the log tells once for a
        while and the guest is told nothing about."""
        image = self.keep()
        for file in self.path.rglob("metadata"):
            file.unlink()
            file.symlink_to(file.name)
        path = self.path_of(image)
        with capturedLogs() as events:
            for _ in range(3):
                self.assert_refused(path, 500, "Internal Server Error")
        self.assertEqual([type(event["error"]) for event in events], [OSError])
