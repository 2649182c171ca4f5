"""Services that give images, and break off, as scripts say."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from attrs import define, field
from twisted.internet.protocol import Factory, Protocol

from tests.client.wire import Making

TARBALL = bytes(range(256)) * 1000
ROOT = b"the root\r\n--not the boundary--\r\n" * 5000
FINGERPRINT = hashlib.sha256(TARBALL).hexdigest()
SPLIT_FINGERPRINT = hashlib.sha256(TARBALL + ROOT).hexdigest()
BOUNDARY = "0123456789abcdef" * 3


def head(status: str, **headers: object) -> bytes:
    """The head of an answer; underscores in names of headers are dashes."""
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode()


def whole(name: str = f"{FINGERPRINT}.tar.xz", content: bytes = TARBALL) -> bytes:
    """An image of one file."""
    disposition = f"inline;filename={name}"
    about = head("200 OK", Content_Length=len(content), Content_Disposition=disposition)
    return about + content


def rest(start: int) -> bytes:
    """The same from some byte on."""
    content, size = TARBALL[start:], len(TARBALL)
    range_ = f"bytes {start}-{size - 1}/{size}"
    length = len(content)
    return head("206 Partial", Content_Length=length, Content_Range=range_) + content


def form(*files: tuple[str, bytes], end: bytes = b"--\r\n") -> bytes:
    """A form of files, chunked, and its end twice as LXD writes it."""
    mark = f"\r\n--{BOUNDARY}".encode()
    body = b"".join(
        mark
        + f'\r\nContent-Disposition: form-data; name="x"; filename="{name}"'.encode()
        + b"\r\nContent-Type: application/octet-stream\r\n\r\n"
        + content
        for name, content in files
    )
    body = (body + mark + end + mark + end).removeprefix(b"\r\n")
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    about = head("200 OK", Content_Type=kind, Transfer_Encoding="chunked")
    return about + b"".join(
        b"%x\r\n%b\r\n" % (len(part), part) for part in (body[:1000], body[1000:], b"")
    )


def split(end: bytes = b"--\r\n") -> bytes:
    """An image of two files."""
    return form(
        (f"meta-{SPLIT_FINGERPRINT}.tar.xz", TARBALL),
        (f"{SPLIT_FINGERPRINT}.squashfs", ROOT),
        end=end,
    )


def refusal(status: str, body: str) -> bytes:
    """A refusal."""
    return head(status, Content_Length=len(body)) + body.encode()


class Peer(Protocol):
    """One who asks."""

    def __init__(self, service: ImageService) -> None:
        self._service = service
        self._request = b""

    def dataReceived(self, data: bytes) -> None:
        """A request, or a part of one."""
        assert self.transport is not None
        self._request += data
        if not self._request.endswith(b"\r\n\r\n"):
            return
        answer = self._service.answer(self._request.decode())
        if answer is None:
            return
        self.transport.write(answer)
        if not self._service.hangs:
            self.transport.loseConnection()


@define(eq=False)
class ImageService:
    """
    Gives its answers, one for each request, the last one again and again.

    :ivar hangs: whether it leaves connections open, whatever is still to come.
    :ivar asked: the requests' first lines.
    :ivar ranges: what ``Range`` headers asked for; nothing where there was none.
    """

    answers: Sequence[bytes]
    hangs: bool = False
    asked: list[str] = field(factory=list)
    ranges: list[str] = field(factory=list)

    def factory(self) -> Factory:
        """For a socket."""
        return Making(lambda: Peer(self))

    def answer(self, request: str) -> bytes | None:
        """What a request is answered."""
        first, *lines = request.split("\r\n")
        self.asked.append(first)
        headers = dict(line.lower().split(": ", 1) for line in lines if line)
        self.ranges.append(headers.get("range", ""))
        number = min(len(self.asked), len(self.answers)) - 1
        return self.answers[number]
