"""Whom the guest API can answer like."""

from __future__ import annotations

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from devlxd.guest.compat import LONG, About
from devlxd.guest.servers import INCUS, LXD_5_0, LXD_6, SERVERS
from devlxd.identity.assumed import Assumed
from devlxd.model.expansion import Expanded
from devlxd.model.instance import Instance
from devlxd.model.lifecycle import ready
from tests.guest.conversation import C1, Conversation

_INSTANCE = Instance(C1, profiles=())


class AboutTests(SynchronousTestCase):
    """`About` is what ``GET /1.0`` tells."""

    def test_keys(self) -> None:
        """It has the keys that it is to have, in their order."""
        for keys in (LONG, LONG[:4], LONG[1:3]):
            document = About(keys).document(Expanded(_INSTANCE), "host")
            self.assertEqual(tuple(document), keys)

    def test_state(self) -> None:
        """The state is what the instance has said, or empty."""
        state = Expanded(ready(_INSTANCE, is_ready=True))
        self.assertEqual(About().document(state, "host")["state"], "Ready")
        untold = About(tells_state=False)
        self.assertEqual(untold.document(state, "host")["state"], "")

    def test_location(self) -> None:
        """A cluster member is told in any case, the host's name to who is on none."""
        nowhere = Expanded(_INSTANCE)
        member = Expanded(evolve(_INSTANCE, location="node-2"))
        for about, location in (
            (About(), "host"),
            (About(tells_location=False), "none"),
        ):
            document = about.document(nowhere, "host")
            self.assertEqual(document["location"], location)
            document = about.document(member, "host")
            self.assertEqual(document["location"], "node-2")


class ServerTests(SynchronousTestCase):
    """The three servers."""

    def test_names(self) -> None:
        """Each is found by its name."""
        self.assertEqual(list(SERVERS.values()), [LXD_6, LXD_5_0, INCUS])
        for name, server in SERVERS.items():
            self.assertEqual(server.name, name)

    def test_listeners(self) -> None:
        """A listener is let go when the key of its server says so."""
        for server in SERVERS.values():
            guest = Conversation(Assumed(C1), compat=server)
            guest.create(_INSTANCE)
            listener = guest.connect()
            listener.protocol.dataReceived(
                b"GET /1.0/events HTTP/1.1\r\nHost: x\r\n\r\n"
            )
            other = {"security.devlxd": "false", "security.guestapi": "false"}
            del other[server.reading.switch]
            self._set(guest, other)
            self.assertTrue(listener.connected)
            self._set(guest, {server.reading.switch: "false"})
            self.assertFalse(listener.connected)

    def _set(self, guest: Conversation, config: dict[str, str]) -> None:
        guest.change(lambda old: evolve(old, config={**old.config, **config}))
