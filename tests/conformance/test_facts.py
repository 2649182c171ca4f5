"""Each server that ``--compat`` names is answered for as it answers itself."""

from __future__ import annotations

import json
from functools import partial

from attrs import evolve, frozen
from twisted.internet.testing import StringTransportWithDisconnection
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from devlxd.errors import NotInContainer
from devlxd.guest.servers import SERVERS
from devlxd.interfaces import ILocator
from devlxd.model.identity import Located, Peer
from devlxd.model.instance import Instance
from tests.conformance.answers import said
from tests.conformance.eventfacts import OPENINGS, TELLINGS, Telling
from tests.conformance.facts import ALL, FACTS, ID, Fact, Reply, Who, reply_in
from tests.conformance.requests import EVENTS, written
from tests.conformance.told import told
from tests.guest.conversation import C1, Conversation

_BASE = {"volatile.cloud-init.instance-id": ID}


@implementer(ILocator)
@frozen
class Claim:
    """Takes everybody for what he claims to be."""

    who: Who

    def locate(self, peer: Peer) -> Located:
        """The instance of a peer."""
        if self.who is Who.STRANGER:
            raise NotInContainer
        return Located(C1, None if self.who is Who.ROOT else 0)


def connected(
    server: str, request: bytes, instance: Instance, who: Who = Who.ROOT
) -> tuple[Conversation, StringTransportWithDisconnection]:
    """A connection over which a request was sent."""
    guest = Conversation(Claim(who), compat=SERVERS[server])
    guest.create(instance)
    connection = guest.connect()
    connection.protocol.dataReceived(request)
    return guest, connection


def reply_of(server: str, fact: Fact) -> Reply:
    """What we answer in the place of a server."""
    config = {**_BASE, **fact.config}
    instance = Instance(C1, config=config, devices=fact.devices, profiles=())
    _, connection = connected(server, fact.request, instance, fact.who)
    head = fact.request.startswith(b"HEAD ")
    [answer] = said(connection.value(), False, head).answers
    return reply_in(answer)


def _become(instance: Instance, other: Instance) -> Instance:
    return evolve(instance, config=other.config, devices=other.devices)


def told_of(server: str, change: Telling) -> tuple[str, ...]:
    """What we tell in the place of a server."""
    before, after = (
        Instance(C1, config={**_BASE, **config}, devices=devices, profiles=())
        for config, devices in zip(change.config, change.devices, strict=True)
    )
    request = written("GET", EVENTS + change.query)
    guest, connection = connected(server, request, before)
    guest.change(partial(_become, other=after))
    lines = connection.value().partition(b"\n\n")[2].splitlines()
    metadata = [json.loads(line)["metadata"] for line in lines]
    return tuple(each.get("key") or each["action"] for each in metadata)


class FactTests(SynchronousTestCase):
    """What is answered and told, by server."""

    def test_replies(self) -> None:
        """
        Every request is answered as the server answers it, or as it is said to be
        answered otherwise, and why.
        """
        for fact in (*FACTS, *OPENINGS):
            for server, reply in fact.replies.items():
                otherwise = fact.ours.get(server)
                expected = reply if otherwise is None else otherwise.reply
                where = (fact.endpoint, fact.case, server)
                self.assertEqual((where, reply_of(server, fact)), (where, expected))

    def test_otherwise(self) -> None:
        """What is said to be answered otherwise is something else, and has a reason."""
        for fact in (*FACTS, *OPENINGS):
            self.assertLessEqual(fact.replies.keys(), set(ALL))
            for server, otherwise in fact.ours.items():
                self.assertNotEqual(otherwise.reply, fact.replies[server])
                self.assertTrue(otherwise.reason)

    def test_told(self) -> None:
        """Every change is told as the server tells it."""
        for change in TELLINGS:
            for server, expected in change.told.items():
                where = (change.case, server)
                found = told_of(server, change)
                self.assertEqual((where, found), (where, expected))

    def test_updates_by_number(self) -> None:
        """Who asks for numbers is told of every event, so that none seems lost."""
        [change] = [x for x in TELLINGS if not x.told["lxd-6"] and x.told["incus"]]
        by_number = evolve(change, query="?since=0")
        self.assertEqual(told_of("lxd-6", by_number), ("updated",))

    def test_pinged(self) -> None:
        """The frames of a WebSocket are told apart from each other."""
        content = b"\r\n\r\n\x89\x01k\x81\x7e\x00\x80" + b"x" * 128
        heard = told("websocket", content)
        self.assertEqual((heard.pings, heard.events), ({b"k"}, (b"x" * 128,)))
