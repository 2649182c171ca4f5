"""``PUT`` and ``PATCH`` of ``/1.0/instances/NAME``."""

from __future__ import annotations

from devlxd.model.lifecycle import BOOT, READY
from devlxd.model.renewal import INSTANCE_ID, UUID
from tests.host.instancescase import C1, URL, InstancesCase


class ReplacementTests(InstancesCase):
    """``PUT /1.0/instances/NAME``."""

    def put(self, document: object, seen: dict[str, str] | None = None) -> None:
        """Replace ``c1``."""
        response = self.talk.ask("PUT", URL, document, seen)
        self.assertEqual(response.status, 202, response.body)

    def test_replaced(self) -> None:
        """All that can be changed is what the document says, and nothing more."""
        self.talk.succeed("PATCH", URL, {"description": "x", "ephemeral": True})
        uuid = self.config()[UUID]
        document = {"config": {"user.b": "2", "user.c": ""}, "profiles": None}
        self.put({**document, "devices": {"d": {"type": "disk", "path": ""}}})
        now = self.talk.get(URL)
        self.assertEqual(now["config"]["user.b"], "2")
        self.assertEqual({*now["config"]}, {"user.b", UUID, INSTANCE_ID})
        self.assertEqual(now["config"][UUID], uuid)
        self.assertEqual(now["devices"], {"d": {"type": "disk"}})
        self.assertEqual((now["description"], now["ephemeral"]), ("", False))
        self.assertEqual((now["profiles"], now["architecture"]), ([], "x86_64"))

    def test_sent_back(self) -> None:
        """A whole document that is sent back changes nothing, as pylxd does it."""
        self.life()
        before = self.talk.store.instances.get(C1)
        self.put(self.talk.get(f"{URL}?recursion=1"))
        self.assertIs(self.talk.store.instances.get(C1), before)

    def test_etag(self) -> None:
        """Of two who change what they have both seen, one is refused with 412."""
        seen = self.etag()
        self.put({"config": {"user.a": "2"}}, seen)
        status, text = self.talk.refusal("PUT", URL, {"config": {}}, seen)
        self.assertEqual(status, 412)
        self.assertTrue(text.startswith("ETag doesn't match: "))
        self.assertEqual(self.config()["user.a"], "2")
        self.assertEqual(self.talk.refusal("PATCH", URL, {}, seen)[0], 412)

    def test_life(self) -> None:
        """A guest that becomes ready is in nobody's way, and nobody undoes that."""
        document, seen = self.talk.get(URL), self.etag()
        self.life()
        self.put({**document, "description": "x"}, seen)
        self.put({**document, "config": {READY: "false", BOOT: "old"}})
        config = self.config()
        self.assertEqual((config[READY], config[BOOT]), ("true", "life"))

    def test_unseen(self) -> None:
        """Who does not say what it has seen loses nothing volatile by silence."""
        self.talk.succeed("PATCH", URL, {"config": {"volatile.eth0.hwaddr": "x"}})
        before = self.config()
        self.put({"config": {INSTANCE_ID: "stale", UUID: "stale", "user.a": "1"}})
        self.assertEqual(self.config(), before)
        self.put({"config": {"volatile.eth0.hwaddr": ""}})
        self.assertEqual({*self.config()}, {UUID, INSTANCE_ID})

    def test_seen(self) -> None:
        """Who has seen it sets and drops addresses, sets the instance-id, keeps ids."""
        ids = {UUID: self.config()[UUID], INSTANCE_ID: "mine"}
        ours = {**ids, "volatile.eth0.hwaddr": "x"}
        self.put({"config": ours}, self.etag())
        self.assertEqual(self.config(), ours)
        self.put({"config": {}}, self.etag())
        self.assertEqual(self.config(), ids)

    def test_uuid(self) -> None:
        """It never changes."""
        for value in ("", "other"):
            document = {"config": {UUID: value}}
            refused = self.talk.refusal("PUT", URL, document, self.etag())
            self.assertEqual(
                refused, (400, "Invalid config: volatile.uuid cannot be changed")
            )

    def test_refused(self) -> None:
        """An unknown profile, a bad key, a snapshot to be restored, a stranger."""
        for url, document, refusal in (
            (URL, {"restore": "s"}, (404, "Instance snapshot not found")),
            ("/1.0/instances/c9", {}, (404, "Instance not found")),
            (
                URL,
                {"profiles": ["p"]},
                (404, 'Requested profile "p" doesn\'t exist'),
            ),
            (
                URL,
                {"config": {"usr.a": "1"}},
                (400, "Invalid config: Unknown configuration key: 'usr.a'"),
            ),
        ):
            self.assertEqual(self.talk.refusal("PUT", url, document), refusal)
        self.assertEqual(self.config()["user.a"], "1")


class PatchTests(InstancesCase):
    """``PATCH /1.0/instances/NAME``."""

    def test_patched(self) -> None:
        """What is named changes; the rest stays."""
        document = {"config": {"user.b": "2"}, "devices": {"d": {"type": "disk"}}}
        self.talk.succeed("PATCH", URL, document)
        document = {"config": {"user.a": None}, "devices": {"e": {"type": "nic"}}}
        self.assertEqual(self.talk.succeed("PATCH", URL, document), {})
        now = self.talk.get(URL)
        self.assertEqual({*now["config"]}, {"user.b", UUID, INSTANCE_ID})
        self.assertEqual({*now["devices"]}, {"d", "e"})
        self.assertEqual(now["profiles"], ["default"])
        fields = {"profiles": [], "architecture": "aarch64", "description": "x"}
        self.talk.succeed("PATCH", URL, {**fields, "ephemeral": True})
        now = self.talk.get(URL)
        self.assertEqual({key: now[key] for key in fields}, fields)
        self.assertIs(now["ephemeral"], True)

    def test_own_keys(self) -> None:
        """The service's own keys can be named as they are, and not changed."""
        self.life()
        own = {key: self.config()[key] for key in (UUID, READY, BOOT)}
        self.talk.succeed("PATCH", URL, {"config": own})
        for key in own:
            for value in ("other", None):
                status, text = self.talk.refusal("PATCH", URL, {"config": {key: value}})
                self.assertEqual(status, 400)
                self.assertTrue(text.startswith("Invalid config: "), text)
        self.talk.succeed("PATCH", URL, {"config": {INSTANCE_ID: "mine"}})
        self.assertEqual(self.config()[INSTANCE_ID], "mine")
