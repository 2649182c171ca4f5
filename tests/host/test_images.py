"""``/1.0/images``: listing, telling of, changing, exporting and deleting."""

from __future__ import annotations

import json
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from tests.host.talk import Talk
from tests.host.tarballs import FORM, PATH, form, image, imported, metadata

TEXT = {"public": True, "auto_update": True, "properties": {"a": "1", "b": ""}}


def alike(count: int = 17) -> list[bytes]:
    """Images, of which at least two have fingerprints that begin alike."""
    return [image(rootfs=b"%d" % number) for number in range(count)]


class ImagesCase(SynchronousTestCase):
    """A host with an image."""

    def setUp(self) -> None:
        """Serve."""
        self.talk = Talk()
        self.body = image()
        self.fingerprint = imported(self.talk, self.body)
        self.url = f"{PATH}/{self.fingerprint}"

    def told(self) -> Any:
        """What the host says of it."""
        return self.talk.get(self.url)


class ReadingTests(ImagesCase):
    """Listing, and telling of one."""

    def test_list(self) -> None:
        """Images are told by their URLs, or themselves."""
        self.assertEqual(self.talk.get(PATH), [self.url])
        self.assertEqual(self.talk.get(f"{PATH}?recursion=1"), [self.told()])

    def test_filter(self) -> None:
        """A filter is about what they are told as."""
        for text, count in (
            ("properties.os eq debian", 1),
            ("properties.os eq fedora", 0),
            ("public eq false and type eq container", 1),
        ):
            query = text.replace(" ", "%20")
            listed = self.talk.get(f"{PATH}?filter={query}")
            self.assertEqual(len(listed), count, text)
        refused = self.talk.refusal("GET", f"{PATH}?filter=x")
        self.assertEqual(refused[0], 400)

    def test_projects(self) -> None:
        """Each project has its own, and all can be listed together."""
        self.talk.succeed("POST", "/1.0/projects", {"name": "lab"})
        imported(self.talk, self.body, query="?project=lab")
        lab = f"{self.url}?project=lab"
        self.assertEqual(self.talk.get(f"{PATH}?project=lab"), [lab])
        self.assertEqual(self.talk.get(f"{PATH}?all-projects=true"), [self.url, lab])

    def test_prefix(self) -> None:
        """The beginning of a fingerprint will do, as long as it is of one image."""
        whole = self.told()
        self.assertEqual(self.talk.get(f"{PATH}/{self.fingerprint[:12]}"), whole)
        for body in alike():
            imported(self.talk, body)
        counts = [
            digit
            for digit in "0123456789abcdef"
            if sum(url.startswith(f"{PATH}/{digit}") for url in self.talk.get(PATH)) > 1
        ]
        refused = self.talk.refusal("GET", f"{PATH}/{counts[0]}")
        self.assertEqual(refused, (400, "More than one image matches"))

    def test_unknown(self) -> None:
        """Nothing else is an image: no wildcard, no capital, no other project's."""
        for name in ("%25", "_", "*", self.fingerprint.upper(), "0" * 64):
            refused = self.talk.refusal("GET", f"{PATH}/{name}")
            self.assertEqual(refused, (404, "Image not found"), name)


class ChangeTests(ImagesCase):
    """Changing what is said of one."""

    def test_put(self) -> None:
        """``PUT`` replaces what can be changed, and only that."""
        before = self.told()
        whole = {**before, **TEXT, "expires_at": "2030-01-01T00:00:00Z", "size": 1}
        self.talk.succeed("PUT", self.url, whole)
        expected = {
            **before,
            "public": True,
            "auto_update": True,
            "properties": {"a": "1"},
            "expires_at": "2030-01-01T00:00:00Z",
        }
        self.assertEqual(self.told(), expected)
        self.talk.succeed("PUT", self.url, {})
        kept = {**before, "properties": {}, "expires_at": "2030-01-01T00:00:00Z"}
        self.assertEqual(self.told(), kept)

    def test_patch(self) -> None:
        """``PATCH`` changes what is there, key by key."""
        self.talk.succeed("PATCH", self.url, {"public": True})
        changes = {"a": "1", "os": None}
        self.talk.succeed("PATCH", self.url, {"properties": changes})
        told = self.told()
        self.assertEqual(told["properties"], {"a": "1", "release": "12"})
        self.assertEqual((told["public"], told["auto_update"]), (True, False))

    def test_etag(self) -> None:
        """A change can depend on what was seen; that an image is used is no change."""
        etag = self.talk.ask("GET", self.url).headers["etag"]
        source = {"type": "image", "fingerprint": self.fingerprint}
        document = {"name": "c1", "source": source}
        self.talk.succeed("POST", "/1.0/instances", document)
        seen = {"If-Match": etag}
        self.assertEqual(self.talk.ask("PUT", self.url, TEXT, seen).status, 200)
        self.assertEqual(self.talk.ask("PUT", self.url, TEXT, seen).status, 412)
        self.assertEqual(self.talk.ask("PATCH", self.url, TEXT, seen).status, 412)

    def test_refused(self) -> None:
        """What makes no sense is refused."""
        for document, text in (
            ({"public": "yes"}, "Invalid public: not a truth value"),
            ({"properties": {"": "x"}}, "Invalid image property ''"),
            ({"expires_at": "soon"}, "Invalid expires_at: 'soon' is no time"),
            ({"expires_at": "2030-01-01"}, "Invalid expires_at: '2030-01-01' has no"),
        ):
            for method in ("PUT", "PATCH"):
                status, told = self.talk.refusal(method, self.url, document)
                self.assertEqual(status, 400)
                self.assertTrue(told.startswith(text), told)
            wrong = {"properties": {"a": 1}}
            self.assertEqual(self.talk.refusal(method, self.url, wrong)[0], 400)
        self.assertEqual(self.talk.refusal("PUT", f"{PATH}/0", {})[0], 404)

    def test_delete(self) -> None:
        """A deleted image is gone, with all that was of it."""
        alias = {"name": "a", "target": self.fingerprint}
        self.talk.succeed("POST", f"{PATH}/aliases", alias)
        operation = self.talk.succeed("DELETE", f"{PATH}/{self.fingerprint[:12]}")
        self.assertEqual(operation["description"], "Deleting image")
        self.assertEqual(operation["resources"], {"images": [self.url]})
        for path in (PATH, f"{PATH}/aliases"):
            self.assertEqual(self.talk.get(path), [])
        self.assertEqual(list(self.talk.path.iterdir()), [])
        self.assertEqual(self.talk.refusal("DELETE", self.url)[0], 404)


class ExportTests(ImagesCase):
    """Getting the files."""

    def test_unified(self) -> None:
        """One file is the answer itself."""
        response = self.talk.ask("GET", f"{self.url}/export")
        self.assertEqual(response.body, self.body)
        disposition = f"inline;filename={self.fingerprint}.tar.gz"
        self.assertEqual(response.headers["content-disposition"], disposition)

    def test_split(self) -> None:
        """Two files are the fields of a form."""
        for field in ("rootfs", "rootfs.img"):
            root = b"hsqs" + field.encode()
            body = form(("metadata", metadata()), (field, root))
            fingerprint = imported(self.talk, body, FORM)
            response = self.talk.ask("GET", f"{PATH}/{fingerprint}/export")
            for name, filename, content in (
                ("metadata", f"meta-{fingerprint}.tar.xz", metadata()),
                (field, f"{fingerprint}.squashfs", root),
            ):
                head = f'form-data; name="{name}"; filename="{filename}"\r\n'
                self.assertIn(head.encode(), response.body)
                self.assertIn(b"\r\n\r\n" + content + b"\r\n--", response.body)

    def test_unknown(self) -> None:
        """There is none of what is not there, or whose files are gone."""
        refused = self.talk.refusal("GET", f"{PATH}/0/export")
        self.assertEqual(refused, (404, "Image not found"))
        (directory,) = self.talk.path.iterdir()
        (directory / "metadata").unlink()
        refused = self.talk.refusal("GET", f"{self.url}/export")
        self.assertEqual(refused, (404, "Image not found"))


class EventTests(ImagesCase):
    """What listeners hear."""

    def test_life(self) -> None:
        """The life of an image and its aliases is told."""
        wire = self.talk.connect()
        wire.send(b"GET /1.0/events?type=lifecycle HTTP/1.1\r\nHost: x\r\n\r\n")
        wire.received = b""
        talk = self.talk
        other = imported(talk, image(rootfs=b"other"))
        url = f"{PATH}/{other}"
        talk.succeed("PATCH", url, {"public": True})
        alias = {"name": "a/b", "target": other}
        talk.succeed("POST", f"{PATH}/aliases", alias)
        talk.succeed("PATCH", f"{PATH}/aliases/a%2Fb", {"description": "Text"})
        talk.succeed("POST", f"{PATH}/aliases/a%2Fb", {"name": "c"})
        source = {"type": "image", "alias": "c"}
        talk.succeed("POST", "/1.0/instances", {"name": "c1", "source": source})
        talk.ask("HEAD", f"{url}/export")
        talk.ask("GET", f"{url}/export")
        talk.succeed("DELETE", f"{PATH}/aliases/c")
        talk.succeed("DELETE", url)
        wire.go_on()
        told = [json.loads(line)["metadata"] for line in wire.received.splitlines()]
        slash = f"{PATH}/aliases/a%2Fb"
        c = f"{PATH}/aliases/c"
        self.assertEqual(
            [(e["action"], e["source"], e.get("context")) for e in told],
            [
                ("image-created", url, {"type": "container"}),
                ("image-updated", url, None),
                ("image-alias-created", slash, {"target": other}),
                ("image-alias-updated", slash, {"target": other}),
                ("image-alias-renamed", c, {"old_name": "a/b"}),
                ("instance-created", "/1.0/instances/c1", None),
                ("image-retrieved", url, None),
                ("image-alias-deleted", c, None),
                ("image-deleted", url, None),
            ],
        )
