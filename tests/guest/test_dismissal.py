"""An instance that may not use the guest API any more."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve
from twisted.internet.testing import StringTransportWithDisconnection
from twisted.trial.unittest import SynchronousTestCase

from devlxd.identity.assumed import Assumed
from devlxd.model.instance import Instance, Profile
from devlxd.model.names import InstanceName, ProfileName
from tests.guest.conversation import C1, Conversation

C2 = InstanceName("default", "c2")
DEFAULT = ProfileName("default", "default")
OFF = {"security.devlxd": "false"}
ASK = b"GET /1.0 HTTP/1.1\r\nHost: x\r\n\r\n"


class DismissalTests(SynchronousTestCase):
    """Its connections end."""

    def setUp(self) -> None:
        """Have an instance that talks."""
        self.guest = Conversation(Assumed(C1))
        self.guest.create(Instance(C1), Instance(C2))
        self.asking = self.connected(ASK)

    def connected(self, request: bytes) -> StringTransportWithDisconnection:
        """A connection on which something was sent."""
        transport = self.guest.connect()
        transport.protocol.dataReceived(request)
        return transport

    def set(self, config: Mapping[str, str]) -> None:
        """Give the instance a config of its own."""
        self.guest.change(lambda old: evolve(old, config=config))

    def test_off(self) -> None:
        """All of them do when it is switched off, whatever they are about."""
        begun = self.connected(ASK[:10])
        listening = self.connected(ASK.replace(b"1.0", b"1.0/events"))
        self.set(OFF)
        for transport in (self.asking, begun, listening):
            self.assertFalse(transport.connected)
        self.assertEqual(self.guest.ask("/1.0").status, 403)

    def test_profile(self) -> None:
        """So they do when a profile switches it off."""
        self.guest.store.profiles.update(DEFAULT, lambda old: evolve(old, config=OFF))
        self.assertFalse(self.asking.connected)

    def test_on_again(self) -> None:
        """When it is switched on again it is served as before."""
        self.set(OFF)
        self.set({})
        again = self.connected(ASK)
        self.set({"user.a": "1"})
        self.assertTrue(again.connected)
        self.assertEqual(self.guest.ask("/1.0").status, 200)

    def test_deleted(self) -> None:
        """When the instance is deleted they stay, and are in none."""
        self.guest.store.instances.delete(C1)
        self.asking.clear()
        self.asking.protocol.dataReceived(ASK)
        self.assertIn(b"HTTP/1.1 500 ", self.asking.value())

    def test_others(self) -> None:
        """Those of other instances stay."""
        self.guest.store.instances.update(C2, lambda old: evolve(old, config=OFF))
        self.guest.store.profiles.create(Profile(ProfileName("default", "other")))
        self.assertTrue(self.asking.connected)
