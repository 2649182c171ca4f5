"""``/1.0/operations``: what has been done."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.host.talk import Talk


class OperationsTests(SynchronousTestCase):
    """Operations in LXD's form."""

    def setUp(self) -> None:
        """Two operations, one of them in another project."""
        self.talk = Talk()
        self.talk.succeed("POST", "/1.0/projects", {"name": "lab"})
        document = {"name": "c1", "source": {"type": "none"}}
        create = "/1.0/instances"
        self.done = self.talk.succeed("POST", create, document)
        self.url = f"/1.0/operations/{self.done['id']}"
        self.talk.succeed("POST", f"{create}?project=lab", document)

    def test_list(self) -> None:
        """They are told by their status, by their place or themselves."""
        url = "/1.0/operations"
        self.assertEqual(self.talk.get(url), {"success": [self.url]})
        self.assertEqual(self.talk.get(f"{url}?recursion=1"), {"success": [self.done]})
        every = self.talk.get(f"{url}?all-projects=true")
        self.assertEqual(len(every["success"]), 2)
        self.talk.succeed("POST", "/1.0/projects", {"name": "new"})
        self.assertEqual(self.talk.get(f"{url}?project=new"), {})

    def test_get(self) -> None:
        """One is what was told of it at first, without any waiting."""
        for path in (self.url, f"{self.url}/wait", f"{self.url}/wait?timeout=-1"):
            self.assertEqual(self.talk.get(path), self.done)

    def test_refused(self) -> None:
        """One that there is not is 404; none can be cancelled any more."""
        for method, path in (("GET", ""), ("GET", "/wait"), ("DELETE", "")):
            refused = self.talk.refusal(method, f"/1.0/operations/none{path}")
            self.assertEqual(refused, (404, "Operation not found"))
        self.assertEqual(
            self.talk.refusal("DELETE", self.url),
            (400, "This operation can't be cancelled"),
        )
