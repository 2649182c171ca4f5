"""
``multipart/form-data`` (RFC 7578, RFC 2046), taken apart as it comes, to the byte.

What is no content is kept within a bound, and of contents no more than a boundary's
length.  (Werkzeug's decoder adds bytes to contents that come in unlucky pieces.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from attrs import define, field
from werkzeug.http import parse_options_header

__all__ = ["BadForm", "Event", "FormData"]

Event: TypeAlias = str | bytes
"""The name of a field that begins, or some bytes of its content."""

_LONGEST_HEAD = 16 * 1024  # bytes of the headers of a field
_LONGEST_BLANK = 1024  # bytes between a boundary and the end of its line
_DISPOSITION = "content-disposition"


class BadForm(ValueError):
    """This is no such form."""


@define
class FormData:
    """
    One form.

    :ivar boundary: what stands between its fields.
    :ivar is_complete: whether its end has come.
    """

    boundary: bytes
    is_complete: bool = field(init=False, default=False)
    # The line end before the first boundary may be missing.
    _buffer: bytes = field(init=False, default=b"\r\n")
    _has_begun: bool = field(init=False, default=False)
    _step: Callable[[], Iterator[Event]] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._step = self._content

    def feed(self, data: bytes) -> Iterator[Event]:
        """
        What the next bytes bring; what follows the end of the form is ignored.

        :raises BadForm: when this is no form.
        """
        if self.is_complete:
            return
        self._buffer += data
        step = None
        while step != self._step:
            step = self._step
            yield from step()

    @property
    def _delimiter(self) -> bytes:
        return b"\r\n--" + self.boundary

    def _content(self) -> Iterator[Event]:
        """As far as there is no boundary in it."""
        content, delimiter, rest = self._buffer.partition(self._delimiter)
        if delimiter:
            self._step = self._line_end
        else:
            # It may be the beginning of one.
            kept = len(self._delimiter) - 1
            content, rest = content[:-kept], content[-kept:]
        self._buffer = rest
        if content and self._has_begun:
            yield content

    def _line_end(self) -> Iterator[Event]:
        """The rest of the line of a boundary: the last one has two dashes."""
        blank, end, rest = self._buffer.partition(b"\r\n")
        if blank.startswith(b"--"):
            self.is_complete, self._buffer = True, b""
        elif end and not blank.strip(b" \t"):
            self._buffer, self._step = rest, self._head
        elif end or len(blank) > _LONGEST_BLANK:
            raise BadForm("a boundary goes on")
        yield from ()

    def _head(self) -> Iterator[Event]:
        """The headers of a field."""
        head, end, rest = self._buffer.partition(b"\r\n\r\n")
        if len(head) > _LONGEST_HEAD:
            raise BadForm("the head of a field is too long")
        if end:
            self._buffer, self._step = rest, self._content
            self._has_begun = True
            yield _name(head)


def _name(head: bytes) -> str:
    """
    The name of a field.

    :raises BadForm: when its head does not say one.
    """
    unfolded = head.decode("utf-8", "replace").replace("\r\n ", " ")
    for line in unfolded.split("\r\n"):
        header, _, value = line.partition(":")
        if header.strip().lower() == _DISPOSITION:
            name = parse_options_header(value.strip())[1].get("name")
            if name is not None:
                return name
    raise BadForm("a field has no name")
