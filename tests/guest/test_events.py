"""``/1.0/events``, in both forms, as a guest hears it."""

from __future__ import annotations

import json
from functools import partial
from typing import Any, cast

from attrs import evolve
from twisted.internet.defer import Deferred, fail
from twisted.internet.testing import StringTransportWithDisconnection
from twisted.logger import capturedLogs
from twisted.trial.unittest import SynchronousTestCase

from devlxd.events.sink import Backlog
from devlxd.events.stream import HEAD
from devlxd.identity.assumed import Assumed
from devlxd.model.instance import Instance
from tests.guest.conversation import C1, Conversation, parsed

_STAMP = '"timestamp":"2001-09-09T01:46:40Z"'
_NIC = {"type": "nic", "name": "eth0"}

KEY = b"dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="  # RFC 6455, 1.3
OPENING = (
    b"GET %b HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + KEY + b"\r\n%b\r\n"
)


def config_line(value: str, seq: int | None = None, old: str = "") -> bytes:
    """The line of an event of ``user.a``."""
    metadata = f'{{"key":"user.a","old_value":"{old}","value":"{value}"}}'
    number = "" if seq is None else f',"seq":{seq}'
    line = f'{{"type":"config",{_STAMP},"metadata":{metadata}{number}}}\n'
    return line.encode()


def _with(instance: Instance, value: str) -> Instance:
    return evolve(instance, config={**instance.config, "user.a": value})


class EventsCase(SynchronousTestCase):
    """An instance with listeners."""

    backlog = Backlog()

    def setUp(self) -> None:
        """Make the instance."""
        self.guest = Conversation(Assumed(C1), 64, self.backlog)
        self.guest.create(Instance(C1, profiles=()))

    def set(self, *values: str) -> None:
        """Give ``user.a`` one value after the other."""
        for value in values:
            self.guest.change(partial(_with, value=value))

    def send(
        self, request: bytes, connection: StringTransportWithDisconnection | None = None
    ) -> StringTransportWithDisconnection:
        """Send bytes on a connection, a new one unless told otherwise."""
        transport = connection or self.guest.connect()
        cast(Any, transport.protocol).dataReceived(request)
        return transport

    def listen(self, query: str = "") -> StringTransportWithDisconnection:
        """Listen to a stream, past its head."""
        request = f"GET /1.0/events{query} HTTP/1.1\r\nHost: x\r\n\r\n"
        transport = self.send(request.encode())
        self.assertEqual(transport.value()[: len(HEAD)], HEAD)
        rest = transport.value()[len(HEAD) :]
        transport.clear()
        transport.write(rest)
        return transport


class StreamTests(EventsCase):
    """Lines on a plain connection."""

    def test_line(self) -> None:
        """An event is LXD's line, byte for byte."""
        listener = self.listen()
        self.set("<&>\u2028é")
        escaped = "\\u003c\\u0026\\u003e\\u2028é"
        self.assertEqual(listener.value(), config_line(escaped))

    def test_device(self) -> None:
        """A device has its config, sorted."""
        listener = self.listen()
        self.guest.change(lambda old: evolve(old, devices={"eth0": _NIC}))
        self.assertEqual(
            listener.value().decode(),
            f'{{"type":"device",{_STAMP},"metadata":{{"action":"added",'
            '"config":{"name":"eth0","type":"nic"},"name":"eth0"}}\n',
        )

    def test_types(self) -> None:
        """Only what was asked for is told; unknown types and spaces match nothing."""
        queries = [
            *("", "?type=", "?type=device", "?type=config,device", "?type=nope"),
            *("?type=device,%20config", "?type=device&type=config"),
        ]
        listeners = [self.listen(query) for query in queries]
        self.set("1")
        heard = [bool(listener.value()) for listener in listeners]
        self.assertEqual(heard, [True, True, False, True, False, False, False])

    def test_many(self) -> None:
        """All listeners hear all events, in order."""
        listeners = [self.listen() for _ in range(3)]
        self.set("1", "2")
        expected = config_line("1") + config_line("2", old="1")
        self.assertEqual([each.value() for each in listeners], [expected] * 3)

    def test_ended_by_peer(self) -> None:
        """A byte from the peer ends it, as does the end of what it sends."""
        one, two, three = (self.listen() for _ in range(3))
        self.send(b"x", one)
        cast(Any, two.protocol).readConnectionLost()
        three.loseConnection()
        self.set("1")
        for listener in (one, two, three):
            self.assertFalse(listener.connected)
            self.assertEqual(listener.value(), b"")

    def test_forbidden(self) -> None:
        """When the API is switched off, listeners hear the end and nothing after it."""
        listener = self.listen()
        self.guest.change(
            lambda old: evolve(old, config={"user.a": "1", "security.devlxd": "false"})
        )
        self.set("2")
        self.assertEqual(listener.value(), config_line("1"))
        self.assertFalse(listener.connected)
        self.assertEqual(self.guest.ask("/1.0/events").status, 403)

    def test_deleted(self) -> None:
        """When the instance is deleted its listeners are let go."""
        listener = self.listen()
        self.guest.store.instances.delete(C1)
        self.assertFalse(listener.connected)

    def test_drained(self) -> None:
        """When the service ends it waits for no listener."""
        listener = self.listen()
        self.successResultOf(self.guest.site.drain())
        self.assertFalse(listener.connected)

    def test_idle(self) -> None:
        """A listener may be silent for ever."""
        listener = self.listen()
        self.guest.site.startFactory()
        self.addCleanup(self.guest.site.stopFactory)
        self.guest.clock.pump([1.0] * 100)
        self.assertTrue(listener.connected)


class SinceTests(EventsCase):
    """What LXD has not: the events that were missed."""

    def test_replay(self) -> None:
        """Kept events come first, then live ones, all with their numbers."""
        self.set("1", "2", "3")
        listener = self.listen("?since=1")
        self.set("4")
        expected = b"".join(config_line(str(n), n, old=str(n - 1)) for n in range(2, 5))
        self.assertEqual(listener.value(), expected)

    def test_all(self) -> None:
        """``since=0`` gives all that is kept."""
        self.set("1", "2")
        self.assertEqual(self.listen("?since=0").value().count(b'"seq"'), 2)

    def test_long(self) -> None:
        """A journal of many pages is given whole and in order."""
        self.set(*map(str, range(250)))
        lines = self.listen("?since=0").value().splitlines()
        self.assertEqual([json.loads(x)["seq"] for x in lines], [*range(1, 251)])

    def test_filtered(self) -> None:
        """Numbers count all types, whichever are asked for."""
        self.set("1")
        self.guest.change(lambda old: evolve(old, devices={"eth0": _NIC}))
        self.set("2")
        lines = self.listen("?since=0&type=config").value().splitlines()
        self.assertEqual([json.loads(line)["seq"] for line in lines], [1, 3])

    def test_gap(self) -> None:
        """When events are lost, the first message says which."""
        self.set(*map(str, range(1005)))
        for since in (0, 3):
            lines = self.listen(f"?since={since}").value().splitlines()
            self.assertEqual(
                lines[0].decode(),
                f'{{"type":"gap",{_STAMP},"metadata":{{"oldest":6,"since":{since}}},'
                '"seq":5}',
            )
            self.assertEqual(json.loads(lines[1])["seq"], 6)
        self.assertNotIn(b"gap", self.listen("?since=5").value())

    def test_future(self) -> None:
        """A number that there has not been is a gap, too, and all that is kept news."""
        empty = self.listen("?since=99")
        self.set("1")
        listener = self.listen("?since=99")
        self.set("2")
        for heard in (empty, listener):
            gap, *events = map(json.loads, heard.value().splitlines())
            self.assertEqual(gap["metadata"], {"oldest": 1, "since": 99})
            self.assertEqual([event["seq"] for event in events], [1, 2])

    def test_latest(self) -> None:
        """``since=latest`` first tells the number that later ones come after."""
        self.set("1")
        listener = self.listen("?since=latest")
        self.set("2")
        self.assertEqual(
            listener.value(),
            f'{{"type":"latest",{_STAMP},"metadata":{{}},"seq":1}}\n'.encode()
            + config_line("2", 2, old="1"),
        )

    def test_meanwhile(self) -> None:
        """What happens while the journal is read comes after it, and once."""
        self.set("1")
        work: list[tuple[Any, Deferred[Any]]] = []

        def later(what: Any) -> Deferred[Any]:
            work.append((what, Deferred()))
            return work[-1][1]

        def go_on() -> None:
            what, done = work.pop(0)
            done.callback(what())

        self.guest.store.use(later)
        listener = self.listen("?since=0")
        self.set("2")
        go_on()
        self.assertEqual(listener.value(), config_line("1", 1))
        go_on()
        self.set("3")
        go_on()
        numbers = [json.loads(x)["seq"] for x in listener.value().splitlines()]
        self.assertEqual(numbers, [1, 2, 3])

    def test_unreadable(self) -> None:
        """When the journal cannot be read the listener is let go, to try again."""
        self.guest.store.use(lambda work: fail(OSError("broken disk")))
        listener = self.listen("?since=0")
        self.assertFalse(listener.connected)
        self.assertEqual(len(self.flushLoggedErrors(OSError)), 1)

    def test_nonsense(self) -> None:
        """What is no number is refused."""
        for since in ("-1", "x", "1.0", "9" * 19, "%D9%A3", "Latest"):
            response = self.guest.ask(f"/1.0/events?since={since}")
            self.assertEqual(response.status, 400)
            self.assertTrue(response.body.startswith(b"Invalid since "))


class SlowTests(EventsCase):
    """Listeners that do not read."""

    backlog = Backlog(count=3, size=10_000)

    def _pause(self, listener: StringTransportWithDisconnection) -> Any:
        producer: Any = listener.producer
        producer.pauseProducing()
        return producer

    def test_waits(self) -> None:
        """Events wait for a slow listener, in order."""
        listener = self.listen()
        producer = self._pause(listener)
        self.set("1", "2", "3")
        self.assertEqual(listener.value(), b"")
        producer.resumeProducing()
        self.set("4")
        self.assertEqual(listener.value().count(b"\n"), 4)
        self.assertTrue(listener.value().endswith(config_line("4", old="3")))

    def test_too_many(self) -> None:
        """One event too many, and it is let go; others hear on."""
        slow, other = self.listen(), self.listen()
        self._pause(slow)
        self.set("1", "2", "3", "4")
        self.assertFalse(slow.connected)
        self.assertEqual(other.value().count(b"\n"), 4)

    def test_too_large(self) -> None:
        """A byte too many as well."""
        slow = self.listen()
        self._pause(slow)
        self.set("x" * 6000)
        self.assertTrue(slow.connected)
        self.set("x")
        self.assertFalse(slow.connected)

    def test_slow_replay(self) -> None:
        """A journal is given as fast as it is read, and is no backlog."""
        self.set(*map(str, range(200)))
        request = b"GET /1.0/events?since=0 HTTP/1.1\r\nHost: x\r\n\r\n"
        listener = self.guest.connect()
        self.send(request, listener)
        self.assertEqual(listener.value().count(b'"seq"'), 200)


class WebSocketTests(EventsCase):
    """Messages of a WebSocket."""

    def open(self, query: bytes = b"", more: bytes = b"") -> Any:
        """Open one, past its answer and the first ping."""
        transport = self.send(OPENING % (b"/1.0/events" + query, more))
        head, _, rest = transport.value().partition(b"\r\n\r\n")
        self.assertEqual(
            sorted(head.split(b"\r\n")),
            sorted(
                [
                    b"HTTP/1.1 101 Switching Protocols",
                    b"Upgrade: websocket",
                    b"Connection: Upgrade",
                    b"Sec-WebSocket-Accept: " + ACCEPT,
                ]
            ),
        )
        self.assertEqual(rest[:2], b"\x89\x00")
        transport.clear()
        transport.write(rest[2:])
        return transport

    def test_message(self) -> None:
        """An event is one text message, uncompressed whatever the peer offers."""
        offer = b"Sec-WebSocket-Extensions: permessage-deflate\r\n"
        listener = self.open(more=offer)
        self.set("1")
        line = config_line("1")
        self.assertEqual(listener.value(), b"\x81" + bytes([len(line)]) + line)

    def test_large(self) -> None:
        """An event of any size is one message, out of the journal, too."""
        listener = self.open()
        self.set("x" * 200_000)
        line = config_line("x" * 200_000)
        head = b"\x81\x7f" + len(line).to_bytes(8, "big")
        self.assertEqual(listener.value(), head + line)
        self.assertIn(b"x" * 200_000, self.open(b"?since=0").value())

    def test_since(self) -> None:
        """The journal comes in messages, too."""
        self.set("1")
        listener = self.open(b"?since=0")
        self.assertTrue(listener.value().endswith(config_line("1", 1)))

    def test_pings(self) -> None:
        """A ping goes out every ten seconds; who leaves three unanswered is dropped."""
        listener = self.open()
        for _ in range(5):
            self.guest.clock.advance(10)
            self.assertEqual(listener.value(), b"\x89\x00")
            listener.clear()
            self.send(b"\x8a\x80mask", listener)
        self.guest.clock.advance(10)
        self.guest.clock.advance(10)
        self.assertTrue(listener.connected)
        self.guest.clock.advance(10)
        self.guest.clock.advance(10)
        self.assertTrue(listener.disconnected or not listener.connected)

    def test_pong(self) -> None:
        """The peer's own ping is answered."""
        listener = self.open()
        self.send(b"\x89\x82\0\0\0\0hi", listener)
        self.assertEqual(listener.value(), b"\x8a\x02hi")

    def test_message_from_peer(self) -> None:
        """A message from the peer ends it, without a close frame."""
        listener = self.open()
        self.send(b"\x81\x82\0\0\0\0hi", listener)
        self.assertEqual(listener.value(), b"")
        self.assertFalse(listener.connected)

    def test_closed_by_peer(self) -> None:
        """A close frame is answered in kind."""
        listener = self.open()
        self.send(b"\x88\x82\0\0\0\0\x03\xe8", listener)
        self.assertEqual(listener.value(), b"\x88\x02\x03\xe8")
        self.assertFalse(listener.connected)

    def test_half_closed(self) -> None:
        """A peer that sends no more, not even pongs, is let go."""
        listener = self.open()
        cast(Any, listener.protocol).readConnectionLost()
        self.assertFalse(listener.connected)

    def test_violation(self) -> None:
        """A frame that may not be is refused with a close frame that says why."""
        for frame in (b"\x81\x02hi", b"\xf1\x80mask", b"\x83\x80mask"):
            listener = self.open()
            self.send(frame, listener)
            self.assertEqual(listener.value()[:1], b"\x88", frame)
            self.assertEqual(listener.value()[2:4], b"\x03\xea", frame)  # 1002
            self.assertFalse(listener.connected)

    def test_closing(self) -> None:
        """After a close frame nothing is sent while the peer takes its time to read."""
        for frame in (b"\xf1\x80mask", b"\x88\x80mask"):
            listener = self.open()
            listener.loseConnection = lambda: None
            self.send(frame, listener)
            told = listener.value()
            self.set(frame.hex())
            self.assertEqual(listener.value(), told)
        self.assertEqual(self.flushLoggedErrors(), [])

    def test_log(self) -> None:
        """Peers cannot fill the log, whatever they do."""
        with capturedLogs() as events:
            for frame in (b"\x81\x02hi", b"\xf1\x80mask", b"\x88\x80mask"):
                self.send(frame, self.open())
        self.assertEqual(events, [])

    def test_gone(self) -> None:
        """Who is let go with its instance is told in a close frame."""
        listener = self.open()
        self.guest.store.instances.delete(C1)
        self.assertEqual(listener.value()[2:4], b"\x03\xe9")  # 1001
        self.assertIn(b"nothing more to hear", listener.value())
        self.assertFalse(listener.connected)

    def test_bad_opening(self) -> None:
        """What is no opening is answered as LXD does."""
        good = OPENING % (b"/1.0/events", b"")
        for old, new in (
            (KEY, b"short"),
            (KEY, b"!" * 24),
            (b"Version: 13", b"Version: 8"),
            (b"Connection: Upgrade", b"Connection: close"),
            (b"Sec-WebSocket-Key", b"X"),
        ):
            transport = self.send(good.replace(old, new))
            response = parsed(transport.value())
            self.assertEqual(response.status, 400, (old, new))
            self.assertEqual(response.body, b"Bad Request\ninternal server error\n")
            self.assertEqual(response.headers["Sec-Websocket-Version"], "13")

    def test_other_case(self) -> None:
        """``Upgrade: WebSocket`` asks for a stream, as it does of LXD."""
        request = OPENING % (b"/1.0/events", b"")
        transport = self.send(request.replace(b"websocket", b"WebSocket", 1))
        self.assertEqual(transport.value(), HEAD)

    def test_origin(self) -> None:
        """A page of another site is refused; one of the same host is not."""
        for origin, status in (
            (b"http://x", 101),
            (b"http://x:80", 403),
            (b"https://evil.example", 403),
            (b"ws+unix://x", 101),
            (b"ws+unix://y", 403),
            (b"http://[", 403),
        ):
            header = b"Origin: " + origin + b"\r\n"
            transport = self.send(OPENING % (b"/1.0/events", header))
            head = transport.value().split(b"\r\n")[0]
            self.assertIn(b" %d " % status, head, origin)
