"""What an event costs for each of its listeners, without a clock."""

from __future__ import annotations

import socket
from collections import Counter
from itertools import count

from twisted.trial.unittest import SynchronousTestCase

from devlxd.identity.assumed import Assumed
from devlxd.model.change import Change
from devlxd.model.event import Event, EventType, Record
from devlxd.model.expansion import Expanded
from devlxd.model.instance import Instance
from devlxd.web.readiness import Readiness
from devlxd.web.transport import Transport
from tests.guest.conversation import C1, Conversation
from tests.guest.test_api import setting
from tests.guest.test_cost import calls
from tests.guest.test_events import OPENING
from tests.web.pairs import Watching

STREAM = b"GET /1.0/events HTTP/1.1\r\nHost: lxd\r\n\r\n"
WEBSOCKET = OPENING % (b"/1.0/events", b"")

MOST_CALLS = 11
"""For an event and one more listener; 9 with Python 3.11."""

MOST_CALLS_OPENING = 700
"""To open a WebSocket; 590 with Python 3.11, and 3000 if Autobahn formats its log."""

LISTENERS = 100
STATE = Expanded(Instance(C1))


class EventCostTests(SynchronousTestCase):
    """Listeners over real sockets."""

    def setUp(self) -> None:
        """Make a service with one instance."""
        self.guest = Conversation(Assumed(C1), limit=3 * LISTENERS)
        self.guest.create(setting("user.a", "1"))
        self.reactor = Watching()
        self.addCleanup(self.reactor.go_on)
        self.readiness = Readiness(self.reactor)
        self.numbers = count(1)
        self.peers: list[socket.socket] = []

    def listen(self, request: bytes) -> None:
        """Open a connection and ask for events."""
        ours, peer = socket.socketpair()
        self.addCleanup(peer.close)
        peer.settimeout(10)
        peer.sendall(request)
        channel = self.guest.site.buildProtocol(None)
        args = (ours, channel, "", None, 0, "no reactor")
        channel.makeConnection(Transport.of(self.readiness, *args))
        self.peers.append(peer)

    def tell(self) -> None:
        """Let something happen."""
        event = Event(EventType.CONFIG, {"key": "user.a"})
        records = (Record(next(self.numbers), 0, event),)
        self.guest.feed.announce(Change(C1, STATE, STATE, records))

    def cost_of_one_more(self, request: bytes) -> Counter[str]:
        """The calls for a listener, of which there are many."""
        self.listen(request)
        few = calls(self.tell, times=1)
        for _ in range(LISTENERS):
            self.listen(request)
        many = calls(self.tell, times=1)
        many.subtract(few)
        return many

    def test_frame(self) -> None:
        """A listener on a WebSocket costs few calls, one of them the kernel's."""
        cost = self.cost_of_one_more(WEBSOCKET)
        self.assertLessEqual(cost.total() / LISTENERS, MOST_CALLS, cost)
        self.assertEqual(cost["socket.send"], LISTENERS)

    def test_line(self) -> None:
        """So does one on a stream."""
        cost = self.cost_of_one_more(STREAM)
        self.assertLessEqual(cost.total() / LISTENERS, MOST_CALLS, cost)
        self.assertEqual(cost["socket.send"], LISTENERS)

    def test_encoded_once(self) -> None:
        """An event is encoded once, and made a frame once, however many listen."""
        cost = self.cost_of_one_more(WEBSOCKET)
        for name in ("WebSocketFactory.prepareMessage", "dump", "Encoder._document"):
            self.assertEqual(cost[name], 0, name)

    def test_opening(self) -> None:
        """A WebSocket is opened without a text for a log that nobody writes."""
        cost = calls(lambda: self.listen(WEBSOCKET), times=10)
        self.assertLessEqual(cost.total(), MOST_CALLS_OPENING, cost)
