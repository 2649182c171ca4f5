"""
Files as answers: which headers, which bytes of theirs, and what stands between these.

Several ranges are ``multipart/byteranges``, several files ``multipart/form-data``, each
as Go's ``mime/multipart`` writes them.
"""

from __future__ import annotations

import os
from typing import BinaryIO, TypeAlias

from attrs import frozen
from twisted.web.http import datetimeToString
from twisted.web.http_headers import Headers

from devlxd.web.conditions import range_header, status_without_file
from devlxd.web.ranges import BadRange, NoOverlap, Span, spans
from devlxd.web.replies import Answer, File, Form

__all__ = ["AT_ONCE", "Content", "Piece", "Slice", "of_answer", "of_file", "of_form"]

_TYPE = b"Content-Type"
_OCTETS = b"application/octet-stream"
_REFUSED = (
    (_TYPE, b"text/plain; charset=utf-8"),
    (b"X-Content-Type-Options", b"nosniff"),
)
AT_ONCE = 64 * 1024
"""Bytes that are copied at a time."""

Headed: TypeAlias = tuple[tuple[bytes, bytes], ...]
"""Headers."""


@frozen
class Slice:
    """Some bytes of an open file, at least one."""

    stream: BinaryIO
    start: int
    length: int

    def after(self, size: int) -> Slice | None:
        """What is left when the first *size* bytes are gone."""
        if size == self.length:
            return None
        return Slice(self.stream, self.start + size, self.length - size)


Piece: TypeAlias = bytes | memoryview | Slice


@frozen
class Content:
    """
    The body of an answer, in pieces, and what is said of it.

    :ivar pieces: none of them empty.
    :ivar told: whether its length is told before it.
    """

    status: int
    headers: Headed
    pieces: tuple[Piece, ...]
    told: bool = True

    @property
    def length(self) -> int:
        """How many bytes that are."""
        return sum(
            piece.length if isinstance(piece, Slice) else len(piece)
            for piece in self.pieces
        )


def of_file(file: File, headers: Headers, boundary: str) -> Content:
    """
    A file, or what a request wants of it.

    :param headers: those of the request.
    :param boundary: what stands between several parts; it must not be foreseeable.
    """
    status = os.fstat(file.stream.fileno())
    modified, size = int(status.st_mtime), status.st_size
    about: Headed = (
        (b"Content-Disposition", f"inline;filename={file.name}".encode()),
        (b"Last-Modified", datetimeToString(modified)),
    )
    nothing = status_without_file(headers, modified)
    if nothing is not None:
        return Content(nothing, about, (), told=nothing != 304)
    try:
        asked = spans(range_header(headers, modified) or "bytes=", size)
    except BadRange as error:
        return _refused(error, size)
    about = (*about, (b"Accept-Ranges", b"bytes"))
    if len(asked) > 1:
        return _of_ranges(file.stream, asked, size, about, boundary)
    about = ((_TYPE, _OCTETS), *about)
    if not asked:
        return Content(200, about, _whole(file.stream, size))
    (span,) = asked
    about = (*about, (b"Content-Range", span.of(size)))
    return Content(206, about, (Slice(file.stream, span.start, span.length),))


def of_form(form: Form, boundary: str) -> Content:
    """
    All files of a form.

    :param boundary: see `of_file`.
    """
    pieces: list[Piece] = []
    for name, file in form.fields.items():
        size = os.fstat(file.stream.fileno()).st_size
        what = f'form-data; name="{name}"; filename="{file.name}"'.encode()
        head = ((b"Content-Disposition", what), (_TYPE, _OCTETS))
        pieces += [_part(boundary, head, not pieces), *_whole(file.stream, size)]
    # LXD writes the end twice.
    end = _end(boundary) * 2
    content_type = f"multipart/form-data; boundary={boundary}".encode()
    return Content(200, ((_TYPE, content_type),), (*pieces, end), told=False)


def of_answer(answer: Answer) -> Content:
    """A body that is in memory, of which only some is copied at a time."""
    view = memoryview(answer.body)
    starts = range(0, len(view), AT_ONCE)
    pieces = tuple(view[start : start + AT_ONCE] for start in starts)
    return Content(answer.status, answer.headers, pieces, told=False)


def _of_ranges(
    stream: BinaryIO, asked: tuple[Span, ...], size: int, about: Headed, boundary: str
) -> Content:
    pieces: list[Piece] = []
    for span in asked:
        head = ((b"Content-Range", span.of(size)), (_TYPE, _OCTETS))
        part = Slice(stream, span.start, span.length)
        pieces += [_part(boundary, head, not pieces), part]
    content_type = f"multipart/byteranges; boundary={boundary}".encode()
    return Content(206, ((_TYPE, content_type), *about), (*pieces, _end(boundary)))


def _refused(error: BadRange, size: int) -> Content:
    headers: Headed = _REFUSED
    if isinstance(error, NoOverlap):
        headers = (*headers, (b"Content-Range", b"bytes */%d" % size))
    return Content(416, headers, (f"{error}\n".encode(),))


def _whole(stream: BinaryIO, size: int) -> tuple[Slice, ...]:
    return (Slice(stream, 0, size),) if size else ()


def _part(boundary: str, headers: Headed, is_first: bool) -> bytes:
    """What stands before a part."""
    lines = [b"--" + boundary.encode()]
    lines += [name + b": " + value for name, value in headers]
    return (b"" if is_first else b"\r\n") + b"\r\n".join([*lines, b"", b""])


def _end(boundary: str) -> bytes:
    return f"\r\n--{boundary}--\r\n".encode()
