"""Who is let in, and how many."""

from __future__ import annotations

from attrs import define
from twisted.internet.testing import StringTransport
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer
from zope.interface.verify import verifyObject

from devlxd.errors import NotInContainer, NotRoot, TooManyConnections
from devlxd.guest.door import Door, Visitor
from devlxd.identity.assumed import Assumed
from devlxd.interfaces import ILocator
from devlxd.model.identity import Located, Peer
from devlxd.model.instance import Instance
from devlxd.model.names import InstanceName
from devlxd.stores.memory import Memory
from devlxd.stores.store import Store
from devlxd.web.interfaces import IDoor
from tests.guest.conversation import C1, Conversation

C2 = InstanceName("default", "c2")


@implementer(ILocator)
@define
class Script:
    """
    Gives what it was told to give, peer after peer.

    :ivar places: where each peer is; ``None`` for nowhere.
    """

    places: list[Located | None]

    def locate(self, peer: Peer) -> Located:
        """The next place."""
        place = self.places.pop(0)
        if place is None:
            raise NotInContainer
        return place


ANYBODY = Located(C1, None)
ROOT = Located(C1, 0)  # the transports of these tests have no root behind them
OTHER = Located(C2, None)


def door(locator: ILocator, limit: int) -> Door:
    """A door of a host without instances."""
    return Door(locator, Store(Memory(), lambda: "uuid").instances, limit)


class DoorTests(SynchronousTestCase):
    """`Door` recognises and counts."""

    def test_interface(self) -> None:
        """It provides `IDoor`."""
        verifyObject(IDoor, door(Assumed(C1), 1))

    def test_visitors(self) -> None:
        """A visitor is an instance, or a refusal for each of its requests."""
        entrance = door(Script([ANYBODY, ROOT, None]), 4)
        anybody, user, stranger = (entrance.enter(StringTransport()) for _ in range(3))
        self.assertEqual(anybody, Visitor(C1))
        self.assertEqual(user.name, C1)
        self.assertEqual(anybody.instance(), C1)
        self.assertRaises(NotRoot, user.instance)
        self.assertIs(stranger.name, None)
        self.assertRaises(NotInContainer, stranger.instance)

    def test_limit(self) -> None:
        """One instance holds so many connections; what it closes it may open again."""
        entrance = door(Assumed(C1), 2)
        first = entrance.enter(StringTransport())
        entrance.enter(StringTransport())
        self.assertRaises(TooManyConnections, entrance.enter, StringTransport())
        entrance.leave(first)
        entrance.enter(StringTransport())
        self.assertRaises(TooManyConnections, entrance.enter, StringTransport())

    def test_shares(self) -> None:
        """
        What one instance holds takes nothing from others, nor do strangers, nor do its
        own users from its root.
        """
        entrance = door(Script([ANYBODY, OTHER, None, ROOT] * 2), 1)
        for _ in range(4):
            entrance.enter(StringTransport())
        for _ in range(4):
            self.assertRaises(TooManyConnections, entrance.enter, StringTransport())

    def test_nobody_leaves(self) -> None:
        """Nothing happens when somebody leaves who was never let in."""
        entrance = door(Assumed(C1), 1)
        entrance.leave(None)
        entrance.enter(StringTransport())


class ConnectionTests(SynchronousTestCase):
    """What the peers of the door see."""

    def test_refusals(self) -> None:
        """A stranger is told 500 and a mere user 401, on every path there is."""
        guest = Conversation(Script([None, ROOT, None, ROOT]))
        guest.create(Instance(C1, profiles=()))
        for path in ("/1.0", "/1.0/config/user.none"):
            stranger, user = guest.ask(path), guest.ask(path)
            self.assertEqual(stranger.status, 500)
            self.assertEqual(stranger.body, b"Process ID not found in container\n")
            self.assertEqual(user.status, 401)
            self.assertEqual(user.body, b"Access denied for non-root user\n")

    def test_before_identity(self) -> None:
        """A path that is not there is told to everybody; a method is not."""
        guest = Conversation(Script([None, ROOT, None, ROOT]))
        self.assertEqual([guest.ask("/nope").status for _ in range(2)], [404, 404])
        refused = [guest.ask("/1.0", "DELETE").status for _ in range(2)]
        self.assertEqual(refused, [500, 401])

    def test_too_many(self) -> None:
        """The connection that is one too many is told so at once and closed."""
        guest = Conversation(Assumed(C1), limit=1)
        guest.connect()
        transport = guest.connect()
        answer = transport.value()
        self.assertTrue(answer.startswith(b"HTTP/1.1 503 "), answer)
        self.assertTrue(answer.endswith(b"\r\n\r\nToo many connections\n"), answer)
        self.assertFalse(transport.connected)
        self.assertEqual(guest.connect().value(), answer)

    def test_identity_is_kept(self) -> None:
        """A connection is located once, whatever it asks later."""
        guest = Conversation(Script([ANYBODY]))
        guest.create(Instance(C1, profiles=()))
        transport = guest.connect()
        for _ in range(3):
            transport.protocol.dataReceived(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        self.assertEqual(transport.value().count(b"HTTP/1.1 200 OK"), 3)

    def test_next_of_its_name(self) -> None:
        """A connection to an instance that was deleted is none to the next one."""
        guest = Conversation(Assumed(C1))
        guest.create(Instance(C1, config={"user.a": "old"}, profiles=()))
        transport = guest.connect()
        guest.store.instances.delete(C1)
        guest.create(Instance(C1, config={"user.a": "secret"}, profiles=()))
        request = b"GET /1.0/config/user.a HTTP/1.1\r\nHost: x\r\n\r\n"
        transport.protocol.dataReceived(request)
        self.assertNotIn(b"secret", transport.value())
        self.assertIn(b"HTTP/1.1 500 ", transport.value())
        self.assertEqual(guest.text("/1.0/config/user.a"), "secret")
