"""Instances that are made from images."""

from __future__ import annotations

from typing import Any

from tests.host.tarballs import METADATA, imported, tarball
from tests.host.test_images import ImagesCase

URL = "/1.0/instances/c1"


class SourceTests(ImagesCase):
    """``POST /1.0/instances`` with the source ``image``."""

    def made(self, source: dict[str, str], **fields: object) -> Any:
        """The instance that is made so."""
        document = {"name": "c1", "source": {"type": "image", **source}, **fields}
        self.talk.succeed("POST", "/1.0/instances", document)
        return self.talk.get(URL)

    def test_fingerprint(self) -> None:
        """It has the image's properties, its architecture and its fingerprint."""
        metadata = METADATA.replace(b"x86_64", b"aarch64")
        body = tarball({"metadata.yaml": metadata, "rootfs/x": b""})
        fingerprint = imported(self.talk, body, {"X-LXD-properties": "empty="})
        made = self.made({"fingerprint": fingerprint[:12]})
        config = {k: v for k, v in made["config"].items() if "id" not in k}
        self.assertEqual(
            config,
            {
                "image.os": "Debian",
                "image.release": "12",
                "volatile.base_image": fingerprint,
            },
        )
        self.assertEqual(made["architecture"], "aarch64")
        self.assertEqual(made["profiles"], ["default"])

    def test_alias(self) -> None:
        """An alias will do, and what the document says counts for more."""
        alias = {"name": "a", "target": self.fingerprint}
        self.talk.succeed("POST", "/1.0/images/aliases", alias)
        made = self.made(
            {"alias": "a"}, config={"image.os": "Else"}, profiles=[], description="Text"
        )
        self.assertEqual(made["config"]["image.os"], "Else")
        self.assertEqual(made["config"]["volatile.base_image"], self.fingerprint)
        self.assertEqual((made["profiles"], made["description"]), ([], "Text"))

    def test_used(self) -> None:
        """The image tells when it was used last."""
        self.made({"fingerprint": self.fingerprint})
        self.assertEqual(self.told()["last_used_at"], "2026-01-02T03:04:05Z")

    def test_type(self) -> None:
        """An image is for one type of instances."""
        source = {"type": "image", "fingerprint": self.fingerprint}
        document = {"name": "c1", "source": source, "type": "virtual-machine"}
        refused = self.talk.refusal("POST", "/1.0/instances", document)
        text = (
            "Requested image's type \"container\" doesn't match instance type "
            '"virtual-machine"'
        )
        self.assertEqual(refused, (400, text))

    def test_taken(self) -> None:
        """When the instance cannot be made, the image was not used."""
        self.made({"fingerprint": self.fingerprint})
        self.talk.succeed("DELETE", URL)
        before = self.told()
        source = {"type": "image", "fingerprint": self.fingerprint}
        document = {"name": "c1", "source": source, "profiles": ["nope"]}
        self.assertEqual(self.talk.refusal("POST", "/1.0/instances", document)[0], 404)
        self.assertEqual(self.told(), before)
