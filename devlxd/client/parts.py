"""
The two files of a split image, out of the form in which they come.

A form (RFC 7578) is ``--BOUNDARY``, the headers of a part, an empty line and its
content, for each part, with line ends of two bytes, and ``--BOUNDARY--`` at its end.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from typing import TypeAlias

from attrs import define, field, frozen

__all__ = ["BadForm", "Head", "Parts", "boundary_of", "filename_in"]

_BOUNDARY = re.compile(r'multipart/form-data;.*\bboundary="?([^";\s]+)', re.IGNORECASE)
_FILENAME = re.compile(r'\bfilename="?([^";\r\n]*)')
_LONGEST_HEAD = 16 * 1024


class BadForm(ValueError):
    """What comes is no form."""


@frozen
class Head:
    """
    A part begins.

    :ivar filename: what the service calls it; empty when it says nothing.
    """

    filename: str


Step: TypeAlias = Head | bytes
"""What comes next: another part, or some content of this one."""


def boundary_of(content_type: str) -> bytes | None:
    """What stands between the parts of a form, if this is the type of one."""
    match = _BOUNDARY.match(content_type)
    return match[1].encode("latin-1", "replace") if match else None


def filename_in(disposition: str) -> str:
    """The name of a file that headers tell; empty when they tell none."""
    match = _FILENAME.search(disposition)
    return match[1] if match else ""


@define(eq=False)
class Parts:
    """
    A form that is on its way.

    :ivar complete: whether its end has come; what follows that is ignored.
    """

    _boundary: bytes
    complete: bool = field(default=False, init=False)
    # Before the first boundary there is no line end.
    _rest: bytes = field(default=b"\r\n", init=False)
    _in_head: bool = field(default=False, init=False)
    _in_part: bool = field(default=False, init=False)

    def feed(self, data: bytes) -> Iterator[Step]:
        """
        What some bytes bring.

        :raises BadForm: when this is no form.
        """
        self._rest += data
        more = True
        while more and not self.complete:
            if self._in_head:
                more = yield from self._head()
            else:
                more = yield from self._content()

    def _content(self) -> Generator[Step, None, bool]:
        mark = b"\r\n--" + self._boundary
        end = self._rest.find(mark)
        # Behind the boundary are two more bytes, or it may still be something else.
        whole = end >= 0 and len(self._rest) >= end + len(mark) + 2
        size = end if end >= 0 else max(0, len(self._rest) - len(mark) - 1)
        content, self._rest = self._rest[:size], self._rest[size:]
        if content and not self._in_part:
            raise BadForm("something before the first part")
        if content:
            yield content
        if whole:
            self._at_boundary(self._rest[len(mark) :])
        return whole

    def _at_boundary(self, rest: bytes) -> None:
        self.complete = rest.startswith(b"--")
        if not self.complete and not rest.startswith(b"\r\n"):
            raise BadForm("a part whose boundary is another")
        # The line end stays: it may be that of an empty head.
        self._rest, self._in_head = rest, True

    def _head(self) -> Generator[Step, None, bool]:
        text, end, rest = self._rest.partition(b"\r\n\r\n")
        if len(text) > _LONGEST_HEAD:
            raise BadForm("a part with too many headers")
        if not end:
            return False
        yield Head(filename_in(text.decode("utf-8", "replace")))
        # Its content may be empty, and the boundary follow at once.
        self._rest, self._in_head, self._in_part = rest, False, True
        return True
