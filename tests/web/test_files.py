"""Tests of answers that are files."""

from __future__ import annotations

from email import message_from_bytes
from email.message import Message
from pathlib import Path

from twisted.internet.error import ConnectionAborted
from twisted.logger import capturedLogs
from twisted.trial.unittest import SynchronousTestCase

from devlxd.web.outlet import Shortened
from tests.web.case import request
from tests.web.responses import Response
from tests.web.shelf import MODIFIED_TEXT, SMALL, Shelf
from tests.web.wire import READ_SIZE, Wire
from tests.web.world import DATE, World

LARGE = bytes(range(256)) * 4000
ABOUT = {
    "date": DATE,
    "content-disposition": "inline;filename=small.tar.xz",
    "last-modified": MODIFIED_TEXT,
}
WHOLE = {
    **ABOUT,
    "accept-ranges": "bytes",
    "content-type": "application/octet-stream",
    "content-length": "100",
}


def parts(response: Response) -> list[Message]:
    """What a multipart answer consists of."""
    head = f"Content-Type: {response.headers['content-type']}\r\n\r\n".encode()
    message = message_from_bytes(head + response.body)
    payload = message.get_payload()
    assert isinstance(payload, list)
    return [part for part in payload if isinstance(part, Message)]


class FilesCase(SynchronousTestCase):
    """A site with files, and a connection to it."""

    def setUp(self) -> None:
        """Put two files on it."""
        directory = Path(self.mktemp())
        directory.mkdir()
        self.shelf = Shelf(directory)
        self.shelf.put("small")
        self.shelf.put("large", LARGE)
        self.shelf.put("empty", b"")
        self.world = World(more=self.shelf.routes())
        self.wire = self.world.connect()

    def tearDown(self) -> None:
        """Nothing is left open."""
        self.assertEqual(self.shelf.left_open, 0)

    def ask(
        self,
        headers: dict[str, str],
        target: str = "/file/small",
        method: str = "GET",
        wire: Wire | None = None,
    ) -> Response:
        """The answer to a request with some headers."""
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"{method} {target} HTTP/1.1\r\nHost: lxd\r\n{lines}\r\n"
        return (wire or self.wire).ask(head.encode())


class FileTests(FilesCase):
    """One file."""

    def test_whole(self) -> None:
        """A file comes with its length, its name and its date."""
        response = self.ask({})
        self.assertEqual((response.status, response.body), (200, SMALL))
        self.assertEqual(response.headers, WHOLE)

    def test_head(self) -> None:
        """To ``HEAD`` the headers are answered alone."""
        response = self.ask({}, method="HEAD")
        self.assertEqual((response.status, response.body), (200, b""))
        self.assertEqual(response.headers, WHOLE)
        self.assertEqual(self.ask({}).body, SMALL)

    def test_large(self) -> None:
        """A large file comes whole."""
        self.assertEqual(self.ask({}, "/file/large").body, LARGE)

    def test_empty(self) -> None:
        """An empty file has no bytes, whatever is asked of it."""
        response = self.ask({"Range": "bytes=5-"}, "/file/empty")
        self.assertEqual((response.status, response.body), (200, b""))
        self.assertEqual(response.headers["content-length"], "0")

    def test_range(self) -> None:
        """Of a range come those bytes, and which they are."""
        response = self.ask({"Range": "bytes=10-19"})
        self.assertEqual((response.status, response.body), (206, SMALL[10:20]))
        here = {"content-range": "bytes 10-19/100", "content-length": "10"}
        self.assertEqual(response.headers, {**WHOLE, **here})

    def test_ranges(self) -> None:
        """Several ranges come as parts, each with what it is."""
        response = self.ask({"Range": "bytes=90-,0-9"})
        self.assertEqual(response.status, 206)
        self.assertEqual(response.coding, "length")
        first, second = parts(response)
        self.assertEqual(first.get_payload(decode=True), SMALL[90:])
        self.assertEqual(second.get_payload(decode=True), SMALL[:10])
        self.assertEqual(first["Content-Range"], "bytes 90-99/100")
        self.assertEqual(second["Content-Type"], "application/octet-stream")

    def test_ranges_to_the_byte(self) -> None:
        """What stands between parts is what Go writes there."""
        response = self.ask({"Range": "bytes=5-5,7-7"})
        kind, boundary = response.headers["content-type"].split("=")
        self.assertEqual(kind, "multipart/byteranges; boundary")
        self.assertRegex(boundary, "^[0-9a-f]{60}$")
        self.assertEqual(
            response.body.decode(),
            f"--{boundary}\r\nContent-Range: bytes 5-5/100\r\n"
            "Content-Type: application/octet-stream\r\n\r\n\x05\r\n"
            f"--{boundary}\r\nContent-Range: bytes 7-7/100\r\n"
            f"Content-Type: application/octet-stream\r\n\r\n\x07\r\n--{boundary}--\r\n",
        )

    def test_boundaries(self) -> None:
        """No boundary is used again."""
        asked = {"Range": "bytes=5-5,7-7"}
        kinds = {self.ask(asked).headers["content-type"] for _ in range(3)}
        self.assertEqual(len(kinds), 3)

    def test_not_satisfiable(self) -> None:
        """Of a range beyond the end, the size is told."""
        response = self.ask({"Range": "bytes=100-"})
        self.assertEqual(response.status, 416)
        self.assertEqual(response.headers["content-range"], "bytes */100")
        self.assertEqual(response.body, b"invalid range: failed to overlap\n")
        self.assertEqual(response.headers["content-type"], "text/plain; charset=utf-8")

    def test_bad_range(self) -> None:
        """What is no range is not answered with the file."""
        response = self.ask({"Range": "bytes=x"})
        self.assertEqual((response.status, response.body), (416, b"invalid range\n"))
        self.assertNotIn("content-range", response.headers)

    def test_not_modified(self) -> None:
        """Who has the file already is not sent it again."""
        response = self.ask({"If-Modified-Since": MODIFIED_TEXT})
        self.assertEqual((response.status, response.body), (304, b""))
        self.assertEqual(response.headers, ABOUT)
        self.assertEqual(self.ask({}).status, 200)

    def test_precondition(self) -> None:
        """Who wants another state of the file is refused."""
        response = self.ask({"If-Match": '"x"'})
        self.assertEqual((response.status, response.body), (412, b""))
        self.assertEqual(response.headers["content-length"], "0")

    def test_if_range(self) -> None:
        """Who has a part of another state gets all of this one."""
        headers = {"Range": "bytes=5-", "If-Range": "Sun, 09 Sep 2001 01:46:39 GMT"}
        self.assertEqual(self.ask(headers).status, 200)

    def test_later(self) -> None:
        """A file may take a while to be found."""
        self.wire.send(request("/later/small"))
        self.shelf.waiting.pop().callback(None)
        self.wire.go_on()
        self.assertEqual(self.wire.responses()[0].body, SMALL)

    def test_old_version(self) -> None:
        """A peer that speaks HTTP/1.0 gets a file, too."""
        self.wire.send(b"GET /file/small HTTP/1.0\r\n\r\n")
        self.assertEqual(self.wire.responses()[0].body, SMALL)
        self.assertIsNotNone(self.wire.end)

    def test_between(self) -> None:
        """Files and other answers come in the order in which they were asked for."""
        targets = ["/size/5", "/file/large", "/size/300000", "/file/small", "/size/1"]
        self.wire.send(b"".join(map(request, targets * 2)))
        sizes = [len(response.body) for response in self.wire.responses()]
        self.assertEqual(sizes, [5, len(LARGE), 300000, 100, 1] * 2)


class FormTests(FilesCase):
    """Several files."""

    def test_files(self) -> None:
        """Each file is a field, with its name and its type."""
        response = self.ask({}, "/form/small/large")
        self.assertEqual(response.coding, "chunked")
        first, second = parts(response)
        self.assertEqual(first.get_payload(decode=True), SMALL)
        self.assertEqual(second.get_payload(decode=True), LARGE)
        self.assertEqual(
            [first["Content-Disposition"], second["Content-Disposition"]],
            [
                'form-data; name="metadata"; filename="small.tar.xz"',
                'form-data; name="rootfs"; filename="large.tar.xz"',
            ],
        )

    def test_to_the_byte(self) -> None:
        """What stands around the files is what LXD writes there, its end twice."""
        response = self.ask({}, "/form/empty/empty")
        boundary = response.headers["content-type"].partition("=")[2]
        kind = f"multipart/form-data; boundary={boundary}"
        self.assertEqual(
            response.headers,
            {"date": DATE, "content-type": kind, "transfer-encoding": "chunked"},
        )
        middle = "Content-Type: application/octet-stream\r\n\r\n"
        self.assertEqual(
            response.body.decode(),
            f"--{boundary}\r\nContent-Disposition: form-data; "
            f'name="metadata"; filename="empty.tar.xz"\r\n{middle}\r\n'
            f"--{boundary}\r\nContent-Disposition: form-data; "
            f'name="rootfs"; filename="empty.tar.xz"\r\n{middle}\r\n'
            f"--{boundary}--\r\n\r\n--{boundary}--\r\n",
        )

    def test_no_ranges(self) -> None:
        """No part of it is to be had alone."""
        response = self.ask({"Range": "bytes=0-1"}, "/form/small/small")
        self.assertEqual((response.status, len(parts(response))), (200, 2))

    def test_head(self) -> None:
        """To ``HEAD`` the headers are answered alone."""
        response = self.ask({}, "/form/small/small", "HEAD")
        self.assertEqual((response.status, response.body), (200, b""))

    def test_old_version(self) -> None:
        """For HTTP/1.0 the end of the connection is the end of it."""
        self.wire.send(b"GET /form/small/large HTTP/1.0\r\n\r\n")
        [response] = self.wire.responses()
        self.assertEqual(response.coding, "close")
        self.assertEqual(len(parts(response)), 2)


class SealedTests(FilesCase):
    """Answers that have their form already."""

    def test_sealed(self) -> None:
        """They are sent as they are."""
        response = self.ask({}, "/sealed")
        self.assertEqual(response.status, 404)
        self.assertEqual(response.headers["content-type"], "application/json")
        self.assertTrue(response.body.endswith(b'"metadata":null}\n\n'))


class GoneTests(FilesCase):
    """Peers that do not take all of it."""

    def setUp(self) -> None:
        """Connect somebody who reads nothing."""
        super().setUp()
        self.wire = self.world.connect(reads=False)

    def test_memory(self) -> None:
        """No more is read than the peer is about to take."""
        self.wire.send(request("/file/large") * 3)
        self.assertLess(self.wire.written, 2 * READ_SIZE)
        self.assertEqual(self.shelf.left_open, 1)
        self.wire.read_on()
        sizes = [len(response.body) for response in self.wire.responses()]
        self.assertEqual(sizes, [len(LARGE)] * 3)

    def test_vanishes(self) -> None:
        """When the peer goes away, the file is closed."""
        self.wire.send(request("/file/large"))
        self.assertEqual(self.shelf.left_open, 1)
        self.wire.vanish()
        self.assertEqual(self.shelf.left_open, 0)

    def test_vanished_before(self) -> None:
        """So is one that was found only after it had gone."""
        self.wire.send(request("/later/large"))
        self.wire.vanish()
        self.shelf.waiting.pop().callback(None)
        self.assertEqual(len(self.shelf.opened), 1)

    def test_never_reads(self) -> None:
        """One that reads nothing for the idle time is cut off, not just left."""
        self.wire.send(request("/file/large"))
        self.wire.wait(30)
        self.assertIsNone(self.wire.end)
        self.wire.wait(0.5)
        self.assertEqual(self.wire.end, ConnectionAborted)

    def test_reads_now_and_then(self) -> None:
        """One that reads some of it each time is waited for."""
        self.wire.send(request("/file/large"))
        for _ in range(10):
            self.wire.wait(29)
            self.wire.read_some()
        self.assertIsNone(self.wire.end)
        self.wire.read_on()
        self.assertEqual(self.wire.responses()[0].body, LARGE)

    def test_was_held(self) -> None:
        """A connection that is held by the head of a file goes on behind it."""
        for size in range(READ_SIZE - 400, READ_SIZE, 50):
            wire = self.world.connect(reads=False)
            wire.send(request(f"/size/{size}") + request("/file/small") + request())
            wire.read_on()
            sizes = [len(response.body) for response in wire.responses()]
            self.assertEqual(sizes, [size, 100, 11])
            self.assertEqual(wire.ask(request()).status, 200)

    def test_shortened(self) -> None:
        """A file that becomes shorter ends the connection, and is told in the log
        once for a while."""
        path = self.shelf.directory / "large"
        with capturedLogs() as events:
            for _ in range(3):
                self.shelf.put("large", LARGE)
                wire = self.world.connect(reads=False)
                wire.send(request("/file/large"))
                path.write_bytes(LARGE[: READ_SIZE + 10])
                wire.read_on()
                self.assertEqual(wire.end, ConnectionAborted)
        self.assertEqual([type(event["error"]) for event in events], [Shortened])


class LongTests(FilesCase):
    """Long answers out of memory."""

    def test_memory(self) -> None:
        """Of a long answer only some is copied for a peer that does not read."""
        wire = self.world.connect(reads=False)
        wire.send(request("/size/5000000"))
        self.assertLess(wire.written, 3 * READ_SIZE)
        wire.read_on()
        [response] = wire.responses()
        self.assertEqual((len(response.body), response.coding), (5000000, "chunked"))
