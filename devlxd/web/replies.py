"""What a route gives back, before it has the form of a surface."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import BinaryIO, TypeAlias

from attrs import frozen
from twisted.internet.interfaces import IProtocol

from devlxd import jsonline


@frozen
class Raw:
    """Bytes, as they are."""

    content: bytes


@frozen
class JSON:
    """
    A value that JSON can carry; it must not change any more.

    :ivar etag: what tells this state of the value from others, without quotes.
    :ivar location: where the thing is that the request has made, if it made one.
    """

    content: object
    etag: str | None = None
    location: str | None = None

    @cached_property
    def encoded(self) -> bytes:
        """The document with its newline; worked out once."""
        return jsonline.dump(self.content)


@frozen
class Accepted:
    """
    An operation that was begun, and perhaps ended already.

    :ivar operation: its document.
    :ivar location: where it is.
    """

    operation: Mapping[str, object]
    location: str


@frozen(eq=False)
class File:
    """
    A file, sent by the rules of ranges and conditions (RFC 9110, 13 and 14).

    :ivar stream: the file, open to be read; it is closed when the answer is over.
    :ivar name: what a client may call it; letters, digits, dots and dashes.
    """

    stream: BinaryIO
    name: str

    def close(self) -> None:
        """Let go of the file."""
        self.stream.close()


@frozen(eq=False)
class Form:
    """
    Several files, sent whole as ``multipart/form-data``.

    :ivar fields: each by the name of its field, in the order in which they are sent.
    """

    fields: Mapping[str, File]

    def close(self) -> None:
        """Let go of the files."""
        for file in self.fields.values():
            file.close()


def of_streams(names: Mapping[str, str], streams: Iterable[BinaryIO]) -> File | Form:
    """
    One file by itself, or several as a form.

    :param names: of the files, by the names of their fields.
    :param streams: the files, in the same order.
    """
    named = zip(names.items(), streams, strict=True)
    fields = {key: File(stream, name) for (key, name), stream in named}
    return Form(fields) if len(fields) > 1 else next(iter(fields.values()))


@frozen
class Handover:
    """
    The connection, given to another protocol for good.

    :ivar protocol: what it is given to.
    """

    protocol: IProtocol


Reply: TypeAlias = Raw | JSON | Accepted
"""What a dialect gives a form to."""


@frozen
class Answer:
    """
    A reply or refusal in the form of its surface.

    :ivar status: the HTTP status.
    :ivar headers: names and values, without those of the connection and the length.
    """

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


Finished: TypeAlias = Answer | File | Form
"""What has the same form on every surface."""
