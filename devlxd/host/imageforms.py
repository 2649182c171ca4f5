"""
The bodies in which images come: one file, or a form of two.

A form is ``multipart/form-data`` with the fields ``metadata`` and ``rootfs``, or
``rootfs.img`` for the disk of a virtual machine, in this order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeAlias

from attrs import define, field
from multipart import (
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
    parse_options_header,
)

from devlxd.errors import BadRequest
from devlxd.model.instance import InstanceType

__all__ = ["NOT_HERE", "Form", "Piece", "form_of"]

Piece: TypeAlias = tuple[bytes, bool]
"""Bytes, and whether they are of the second file."""

NOT_HERE = (
    "Images come as files here: from a URL, another server or an instance they are "
    "not available"
)

_FIELDS = {
    "rootfs": InstanceType.CONTAINER,
    "rootfs.img": InstanceType.VIRTUAL_MACHINE,
}


class Form(Protocol):
    """
    Takes a body apart.

    :ivar type: of what instances the image is, as far as the form says so.
    """

    type: InstanceType | None

    def feed(self, data: bytes) -> Iterator[Piece]:
        """
        What is in the next bytes.

        :raises BadRequest: when this is no such body.
        """

    def end(self) -> None:
        """
        The body is complete.

        :raises BadRequest: when it is not.
        """


def form_of(content_type: str) -> Form:
    """
    What takes a body apart, by its content type; none is that of a file.

    :raises BadRequest: when a form has no boundary.
    """
    kind, options = parse_options_header(content_type)
    if kind != "multipart/form-data":
        return _Unified()
    try:
        return _Split(_parser(options.get("boundary", "")))
    except MultipartError:
        raise BadRequest("Invalid multipart image: no boundary") from None


def _parser(boundary: str) -> PushMultipartParser:
    # Names of fields are ASCII; those of files may be in any encoding, and count for
    # nothing.
    return PushMultipartParser(boundary, header_charset="latin-1")


@define
class _Unified:
    """One file."""

    type: InstanceType | None = None
    _begun: bool = False

    def feed(self, data: bytes) -> Iterator[Piece]:
        # The document that says where an image is to be got has no content type of its
        # own when it comes from curl.  No image begins so.
        if not self._begun and data.lstrip().startswith(b"{"):
            raise BadRequest(NOT_HERE)
        self._begun = True
        yield data, False

    def end(self) -> None:
        if not self._begun:
            raise BadRequest("The image is empty")


@define
class _Split:
    """Two files."""

    _parser: PushMultipartParser
    type: InstanceType | None = None
    _fields: list[str] = field(factory=list)

    def feed(self, data: bytes) -> Iterator[Piece]:
        try:
            for event in self._events(data):
                if isinstance(event, MultipartSegment):
                    self._begin(event.name)
                elif event is not None:
                    yield event, len(self._fields) > 1
        except MultipartError as error:
            raise BadRequest(f"Invalid multipart image: {error}") from None

    def end(self) -> None:
        if not _is_complete(self._parser) or len(self._fields) != 2:
            raise BadRequest("Invalid multipart image: two files were due")

    def _events(self, data: bytes) -> Iterable[MultipartSegment | bytes | None]:
        # To the parser, nothing is the end, and what follows the end may be an error.
        return self._parser.parse(data) if data and not self._parser.closed else ()

    def _begin(self, name: str) -> None:
        if not self._fields and name != "metadata":
            raise BadRequest("Invalid multipart image: the metadata come first")
        if self._fields:
            self.type = _FIELDS.get(name)
            if len(self._fields) > 1 or self.type is None:
                raise BadRequest(f"Invalid multipart image: unknown field {name!r}")
        self._fields.append(name)


def _is_complete(parser: PushMultipartParser) -> bool:
    try:
        parser.close()
    except MultipartError:
        return False
    return True
