"""``/1.0/images/aliases``: other names of images."""

from __future__ import annotations

from tests.host.tarballs import image, imported
from tests.host.test_images import ImagesCase

PATH = "/1.0/images/aliases"


class AliasesTests(ImagesCase):
    """Aliases of an image."""

    def setUp(self) -> None:
        """Give the image another name."""
        super().setUp()
        document = {"name": "a", "target": self.fingerprint[:12], "description": "Text"}
        response = self.talk.ask("POST", PATH, document)
        self.assertEqual(response.status, 201)
        self.assertEqual(response.headers["location"], f"{PATH}/a")
        self.alias = {
            "description": "Text",
            "target": self.fingerprint,
            "name": "a",
            "type": "container",
        }

    def test_read(self) -> None:
        """They are told alone, in a list, and with their image."""
        self.assertEqual(self.talk.get(f"{PATH}/a"), self.alias)
        self.assertEqual(self.talk.get(PATH), [f"{PATH}/a"])
        self.assertEqual(self.talk.get(f"{PATH}?recursion=1"), [self.alias])
        known = [{"name": "a", "description": "Text"}]
        self.assertEqual(self.told()["aliases"], known)

    def test_project(self) -> None:
        """Those of another project are not told."""
        self.talk.succeed("POST", "/1.0/projects", {"name": "lab"})
        self.assertEqual(self.talk.get(f"{PATH}?project=lab"), [])
        refused = self.talk.refusal("GET", f"{PATH}/a?project=lab")
        self.assertEqual(refused, (404, "Image alias not found"))

    def test_names(self) -> None:
        """A name may have slashes, and be a word of the API."""
        for name in ("ubuntu/22.04", "export", "aliases"):
            document = {"name": name, "target": self.fingerprint}
            self.talk.succeed("POST", PATH, document)
            url = f"{PATH}/{name.replace('/', '%2F')}"
            self.assertEqual(self.talk.get(url)["name"], name)
            self.assertIn(url, self.talk.get(PATH))

    def test_refused(self) -> None:
        """A name is taken once, by an image that is there."""
        for document, refusal in (
            ({"name": "a"}, (409, "Alias already exists")),
            ({"name": "b", "target": "0" * 64}, (404, "Image not found")),
            ({"name": "b", "target": ""}, (400, "name and target are required")),
            ({"name": ""}, (400, "Invalid alias ''")),
        ):
            whole = {"target": self.fingerprint, **document}
            self.assertEqual(self.talk.refusal("POST", PATH, whole), refusal)
        refused = self.talk.refusal("PUT", f"{PATH}/a", {"description": "x"})
        self.assertEqual(refused, (400, "name and target are required"))

    def test_put(self) -> None:
        """``PUT`` replaces what an alias leads to, and its description."""
        other = imported(self.talk, image(rootfs=b"other"))
        self.talk.succeed("PUT", f"{PATH}/a", {"target": other})
        changed = {**self.alias, "target": other, "description": ""}
        self.assertEqual(self.talk.get(f"{PATH}/a"), changed)

    def test_patch(self) -> None:
        """``PATCH`` changes one of these."""
        other = imported(self.talk, image(rootfs=b"other"))
        self.talk.succeed("PATCH", f"{PATH}/a", {"target": other})
        changed = {**self.alias, "target": other}
        self.assertEqual(self.talk.get(f"{PATH}/a"), changed)
        self.talk.succeed("PATCH", f"{PATH}/a", {"description": ""})
        changed["description"] = ""
        self.assertEqual(self.talk.get(f"{PATH}/a"), changed)

    def test_etag(self) -> None:
        """A change can depend on what was seen."""
        etag = self.talk.ask("GET", f"{PATH}/a").headers["etag"]
        change, seen = {"description": "x"}, {"If-Match": etag}
        self.assertEqual(self.talk.ask("PATCH", f"{PATH}/a", change, seen).status, 200)
        self.assertEqual(self.talk.ask("PATCH", f"{PATH}/a", change, seen).status, 412)

    def test_rename(self) -> None:
        """A renamed alias is where the answer says."""
        response = self.talk.ask("POST", f"{PATH}/a", {"name": "b"})
        self.assertEqual(response.status, 201)
        self.assertEqual(response.headers["location"], f"{PATH}/b")
        self.assertEqual(self.talk.get(PATH), [f"{PATH}/b"])

    def test_delete(self) -> None:
        """A deleted alias is gone, and its image stays."""
        self.talk.succeed("DELETE", f"{PATH}/a")
        self.assertEqual(self.talk.get(PATH), [])
        self.assertEqual(self.told()["aliases"], [])
        self.assertEqual(self.talk.refusal("DELETE", f"{PATH}/a")[0], 404)
